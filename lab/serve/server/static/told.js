"use strict";
// Shared by boards, projector and seats: elements that hold text, and times.

const byId = (name) => document.getElementById(name);

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  if (text !== undefined && text !== null) made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

// Write only changed text: a screen reader reads all written text again.
function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function minutes(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

// The server's time, as of its last message.
const server = {
  ahead: 0,
  hear(now) { this.ahead = Date.parse(now) - Date.now(); },
  since(time) { return time ? (Date.now() + this.ahead - Date.parse(time)) / 1000 : 0; },
};

function clockWords(about) {
  if (about.stopped) return "the end";
  if (!about.started) return "not started";
  if (about.paused) return "paused";
  return about.deadline ? `${minutes(-server.since(about.deadline))} left` : "";
}
