"use strict";
// The instructor's board. Whatever comes from a seat is shown as text, never as markup.

const byId = (name) => document.getElementById(name);
let shown = null;
let ahead = 0;

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  if (text !== undefined && text !== null) made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

async function act(what) {
  try {
    const answer = await fetch("/board/act", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(what),
    });
    const said = await answer.json();
    byId("line").textContent = answer.ok ? (said.code ? `The new code is ${said.code}` : "done") : said.problem;
  } catch {
    byId("line").textContent = "The server does not answer.";
  }
}

function minutes(seconds) {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}

function age(time) {
  return time ? minutes(Math.max(0, (Date.now() + ahead - Date.parse(time)) / 1000)) : "";
}

function tick() {
  if (!shown) return;
  const clock = byId("clock");
  if (shown.stopped) clock.textContent = "ended";
  else if (!shown.started) clock.textContent = "not started";
  else if (shown.paused) clock.textContent = "paused";
  else clock.textContent = `${minutes(Math.max(0, (Date.parse(shown.deadline) - Date.now() - ahead) / 1000))} left`;
  for (const cell of document.querySelectorAll("[data-since]")) cell.textContent = age(cell.dataset.since);
}
setInterval(tick, 1000);

function row(seat, symptoms) {
  const made = element("tr", null, { class: seat.hand ? "hand" : "", "data-seat": seat.name });
  made.append(element("th", `${seat.number} ${seat.who}`, { scope: "row" }));
  const where = seat.problem || `${seat.phase}${seat.connected ? "" : ", nobody there"}`;
  made.append(element("td", where, { class: seat.problem ? "bad" : "" }));
  made.append(element("td", seat.points === null ? "" : `${seat.points} of ${seat.maximum ?? ""}`, { class: "number" }));
  for (const symptom of symptoms) {
    const state = (seat.symptoms || {})[symptom.name];
    const words = state === undefined ? "" : state ? "✓ repaired" : "✗ open";
    made.append(element("td", words, { class: state ? "good" : "bad" }));
  }
  made.append(element("td", age(seat.looked), { class: "number", "data-since": seat.looked || "" }));
  made.append(element("td", shown.started && seat.points !== null ? minutes(Math.max(0, shown.elapsed - seat.gained)) : "", { class: "number" }));
  made.append(element("td", `${seat.hints ?? 0}${seat.given_up ? `, ${seat.given_up} given up` : ""}`, { class: "number" }));
  const running = element("td");
  for (const command of seat.running || []) running.append(element("code", command), " ");
  made.append(running);
  made.append(element("td", seat.code, { class: "code" }));
  made.append(acts(seat, symptoms));
  return made;
}

function acts(seat, symptoms) {
  const cell = element("td");
  const more = element("details");
  more.append(element("summary", seat.hand ? `hand up ${age(seat.hand)}` : "…"));
  const all = element("div", null, { class: "acts" });
  const button = (words, what, sure) => {
    const made = element("button", words);
    made.addEventListener("click", () => {
      if (!sure || confirm(sure)) act({ ...what, seat: seat.name });
    });
    all.append(made);
  };
  if (seat.hand) button("Lower hand", { do: "lower-hand" });
  button("Nudge", { do: "nudge" });
  for (const symptom of symptoms) button(`Hint: ${symptom.name}`, { do: "gift", symptom: symptom.name });
  button("Submit", { do: "submit" }, `Submit for ${seat.who}?`);
  button("New code", { do: "reissue" }, `Give seat ${seat.number} a new code? Whoever is there has to join anew.`);
  more.append(all);
  cell.append(more);
  return cell;
}

function show(said) {
  shown = said;
  ahead = Date.parse(said.now) - Date.now();
  document.title = `Board: ${said.title}`;
  byId("title").textContent = said.title;
  const head = element("tr");
  const names = ["seat", "where", "points", ...said.symptoms.map((each) => each.name), "seen ago", "since last gain", "hints", "runs", "code", "acts"];
  for (const name of names) head.append(element("th", name, { scope: "col" }));
  byId("head").replaceChildren(head);
  const open = new Set([...document.querySelectorAll("tr[data-seat] details[open]")].map((each) => each.closest("tr").dataset.seat));
  const focused = document.activeElement?.closest?.("tr[data-seat]")?.dataset.seat;
  const label = document.activeElement?.textContent;
  byId("seats").replaceChildren(...said.seats.map((seat) => row(seat, said.symptoms)));
  for (const each of document.querySelectorAll("tr[data-seat]")) {
    if (open.has(each.dataset.seat)) each.querySelector("details").open = true;
    if (each.dataset.seat === focused) {
      [...each.querySelectorAll("button, summary")].find((one) => one.textContent === label)?.focus();
    }
  }
  const up = said.seats.filter((seat) => seat.hand).map((seat) => `${seat.number} ${seat.who}`);
  const words = up.length ? `Hands up: ${up.join(", ")}` : "";
  if (byId("hands").textContent !== words) byId("hands").textContent = words;
  const whom = byId("whom");
  if (whom.options.length !== said.seats.length + 1) {
    whom.replaceChildren(new Option("all", ""), ...said.seats.map((seat) => new Option(`${seat.number} ${seat.who}`, seat.name)));
  }
  const memory = said.workers.reduce((sum, each) => sum + each.memory, 0);
  const waiting = said.workers.reduce((sum, each) => sum + each.looks_waiting, 0);
  byId("machine").textContent = `${said.workers.length} workers, ${Math.round(memory / 1e6)} MB, ${waiting} looks waiting, ${said.refused} refused codes`;
  tick();
}

for (const button of document.querySelectorAll("button[data-do]")) {
  button.addEventListener("click", () => {
    if (!button.dataset.sure || confirm(button.dataset.sure)) act({ do: button.dataset.do });
  });
}
byId("say").addEventListener("submit", (event) => {
  event.preventDefault();
  const words = byId("words").value.trim();
  if (words) act({ do: "say", words, seat: byId("whom").value });
  byId("words").value = "";
});

const events = new EventSource("/board/events");
events.onmessage = (event) => show(JSON.parse(event.data));
events.onerror = () => { byId("line").textContent = "connection lost, trying again …"; };
events.onopen = () => { byId("line").textContent = ""; };
