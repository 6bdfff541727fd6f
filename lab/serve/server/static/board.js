"use strict";
// The instructor's board. All data from a seat is shown as text, never as markup.

const FRESH = 60000;
let shown = null;
let before = null;
const turned = new Map();

async function act(what) {
  try {
    const answer = await fetch("/board/act", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(what),
    });
    const said = await answer.json();
    put(byId("line"), answer.ok ? "done" : said.problem);
    return answer.ok ? said : null;
  } catch {
    put(byId("line"), "The server does not answer.");
    return null;
  }
}

// --- the table: rows stay, cells change ---

function columns() {
  const symptoms = shown.symptoms.map((each) => each.name);
  return ["seat", "state", "points", ...symptoms, "last check", "no progress for", "hints", "running", "actions"];
}

function rowOf(seat) {
  const found = document.querySelector(`tr[data-seat="${seat.name}"]`);
  if (found) return found;
  const made = element("tr", null, { "data-seat": seat.name });
  made.append(element("th", null, { scope: "row" }));
  for (const name of columns().slice(1)) made.append(element("td", null, { "data-column": name }));
  const button = element("button", "Actions", { "aria-haspopup": "dialog" });
  button.addEventListener("click", () => openActs(seat.name));
  made.lastChild.append(button);
  byId("seats").append(made);
  return made;
}

function fill(row, seat) {
  row.className = seat.hand ? "hand" : "";
  const cell = (name) => row.querySelector(`[data-column="${name}"]`);
  const people = seat.team ? seat.people.map(personWords).join(", ") : "";
  put(row.firstChild, `${seat.number} ${seat.who}${people ? `: ${people}` : ""}`);
  const there = seat.connected ? "" : ", not connected";
  const watched = seat.people.some((each) => each.watched) ? ", being watched" : "";
  put(cell("state"), `${seat.problem || seat.phase + there}${watched}${seat.hand ? ", hand up" : ""}`);
  cell("state").classList.toggle("bad", Boolean(seat.problem));
  put(cell("points"), seat.points === null ? "" : `${seat.points} of ${seat.maximum ?? ""}`);
  for (const symptom of shown.symptoms) {
    const state = (seat.symptoms || {})[symptom.name];
    const fresh = Date.now() - (turned.get(`${seat.name} ${symptom.name}`) || 0) < FRESH;
    const words = state === undefined ? "" : state ? "✓ repaired" : "✗ open";
    put(cell(symptom.name), fresh && words ? `${words}, just now` : words);
    cell(symptom.name).className = `${state ? "good" : "bad"}${fresh ? " fresh" : ""}`;
  }
  put(cell("hints"), `${seat.hints ?? 0}${seat.given_up ? `, ${seat.given_up} given up` : ""}`);
  row.querySelector("button").setAttribute("aria-label", `Actions for seat ${seat.number}, ${seat.who}`);
  tickRow(row, seat);
}

function personWords(person) {
  return `${person.who}${person.captain ? " ★ captain" : ""}${person.connected ? "" : " (away)"}${person.hand ? ", hand up" : ""}`;
}

function tickRow(row, seat) {
  const cell = (name) => row.querySelector(`[data-column="${name}"]`);
  put(cell("last check"), seat.looked ? `${minutes(server.since(seat.looked))} ago` : "");
  const plays = shown.started && seat.phase === "playing" && !shown.paused;
  const idle = plays ? seat.idle + (Date.now() - shown.heard) / 1000 : seat.idle;
  put(cell("no progress for"), shown.started && seat.phase === "playing" ? `${Math.floor(idle / 60)} min` : "");
  put(cell("running"), seat.people.flatMap((each) => each.runs.map((run) => waits(run, seat.team ? each.who : ""))).join("; "));
}

function waits(run, who) {
  const seconds = Math.max(0, Math.floor(server.since(run.since)));
  const program = run.command.trim().split(/\s+/)[0];
  const time = run.patience ? `${seconds} of ${run.patience} s` : `${seconds} s`;
  return `${who ? `${who}: ` : ""}${run.patience ? program : run.command}: ${time}`;
}

function tick() {
  if (!shown) return;
  put(byId("clock"), clockWords(shown));
  for (const seat of shown.seats) {
    const row = document.querySelector(`tr[data-seat="${seat.name}"]`);
    if (row) tickRow(row, seat);
  }
}
setInterval(tick, 1000);

// --- news ---

function newsOf(said) {
  const news = [];
  const known = new Map((before?.seats || []).map((seat) => [seat.name, seat]));
  for (const seat of said.seats) {
    const was = known.get(seat.name);
    for (const symptom of said.symptoms) {
      const state = (seat.symptoms || {})[symptom.name];
      const old = (was?.symptoms || {})[symptom.name];
      if (old !== undefined && state !== undefined && old !== state) {
        turned.set(`${seat.name} ${symptom.name}`, Date.now());
        news.push(`${seat.number} ${seat.who}: ${symptom.name} ${state ? "repaired" : "open again"}`);
      }
    }
    if (was && was.phase !== seat.phase && seat.phase === "over") news.push(`${seat.number} ${seat.who}: submitted`);
  }
  return news;
}

function showNews(news) {
  const time = new Date(Date.now() + server.ahead).toTimeString().slice(0, 5);
  for (const each of news) byId("news").prepend(element("li", `${time} ${each}`));
  while (byId("news").children.length > 12) byId("news").lastChild.remove();
}

const DID = {
  start: "started the clock", pause: "paused", resume: "resumed", stop: "ended the event", say: "wrote to",
  nudge: "nudged", gift: "gave a hint to", submit: "submitted for", "lower-hand": "lowered the hand of",
  reissue: "gave a new code to", move: "showed the code of", captain: "made captain:", rename: "renamed",
  "add-person": "added somebody to", "add-seat": "added",
};

function showLog(log) {
  const lines = log.slice(-12).reverse().map((each) => {
    const time = new Date(Date.parse(each.at)).toTimeString().slice(0, 5);
    return `${time} ${each.by} ${DID[each.do] || each.do} ${each.whom}`.trim();
  });
  if (byId("log").dataset.shown !== lines.join("\n")) {
    byId("log").dataset.shown = lines.join("\n");
    byId("log").replaceChildren(...lines.map((words) => element("li", words)));
  }
}

// --- all of it ---

function show(said) {
  before = shown;
  shown = said;
  shown.heard = Date.now();
  server.hear(said.now);
  document.title = `Board: ${said.title}`;
  put(byId("title"), said.title);
  showNews(newsOf(said));
  if (columns().join() !== byId("head").dataset.columns) {
    byId("head").dataset.columns = columns().join();
    const head = element("tr");
    for (const name of columns()) head.append(element("th", name, { scope: "col" }));
    byId("head").replaceChildren(head);
    byId("seats").replaceChildren();
  }
  for (const seat of said.seats) fill(rowOf(seat), seat);
  const running = said.started && !said.stopped;
  const over = said.seats.every((seat) => seat.phase === "over" || seat.phase === "failed");
  const offered = { start: !said.started, pause: running && !said.paused, resume: running && said.paused, stop: running, reveal: said.frozen && over && !said.revealed };
  for (const [name, on] of Object.entries(offered)) document.querySelector(`[data-do=${name}]`).hidden = !on;
  const up = said.seats.flatMap((seat) => seat.people.filter((each) => each.hand).map((each) => `${seat.number} ${each.who}`));
  put(byId("hands"), up.length ? `Hands up: ${up.join(", ")}` : "");
  showLog(said.log);
  put(byId("address"), said.address);
  byId("print").hidden = !said.fingerprint;
  put(byId("fingerprint"), said.fingerprint);
  const memory = said.workers.reduce((sum, each) => sum + each.memory, 0);
  const waiting = said.workers.reduce((sum, each) => sum + each.looks_waiting, 0);
  put(byId("machine"), `${said.workers.length} workers, ${Math.round(memory / 1e6)} MB, ${waiting} checks waiting, wrong codes: ${said.refused}, open boards: ${said.boards}`);
  refreshActs();
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
  if (words) act({ do: "say", words });
  byId("words").value = "";
});

const events = new EventSource("/board/events");
events.onmessage = (event) => show(JSON.parse(event.data));
events.onerror = () => put(byId("line"), "connection lost, trying again …");
events.onopen = () => put(byId("line"), "");
