"use strict";
// What the room sees: names as the event has them, no causes, no hints. All of it is text.

const byId = (name) => document.getElementById(name);
let shown = null;
let ahead = 0;

function cell(name, text, attributes = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function tick() {
  if (!shown) return;
  let words = "not started";
  if (shown.stopped) words = "the end";
  else if (shown.paused) words = "paused";
  else if (shown.deadline) {
    const left = Math.max(0, Math.round((Date.parse(shown.deadline) - Date.now() - ahead) / 1000));
    words = `${String(Math.floor(left / 60)).padStart(2, "0")}:${String(left % 60).padStart(2, "0")}`;
  }
  byId("clock").textContent = words;
}
setInterval(tick, 1000);

const events = new EventSource("/projector/events");
events.onmessage = (event) => {
  shown = JSON.parse(event.data);
  ahead = Date.parse(shown.now) - Date.now();
  byId("title").textContent = shown.title;
  const places = new Map(shown.ranking.map((each) => [each.number, each.place]));
  const order = [...shown.seats].sort((a, b) => (places.get(a.number) ?? 0) - (places.get(b.number) ?? 0) || a.number - b.number);
  byId("seats").replaceChildren(...order.map((seat) => {
    const made = document.createElement("tr");
    const place = places.has(seat.number) ? `${places.get(seat.number)}. ` : "";
    made.append(cell("th", place + seat.who, { scope: "row" }));
    made.append(cell("td", seat.symptoms ? `${"●".repeat(seat.repaired)}${"○".repeat(seat.symptoms - seat.repaired)} ${seat.repaired} of ${seat.symptoms}` : ""));
    made.append(cell("td", seat.points === null ? "" : String(seat.points), { class: "number" }));
    return made;
  }));
  tick();
};
