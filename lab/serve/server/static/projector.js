"use strict";
// The page for the room: the event's names, no causes, no hints. Everything is plain text.

let shown = null;

function tick() {
  if (shown) put(byId("clock"), clockWords(shown));
}
setInterval(tick, 1000);

function row(seat, place) {
  const made = element("tr");
  const name = element("th", (place ? `${place}. ` : "") + seat.who, { scope: "row" });
  if (seat.people.length) name.append(element("span", seat.people.join(", "), { class: "people" }));
  made.append(name);
  const dots = "●".repeat(seat.repaired) + "○".repeat(seat.symptoms - seat.repaired);
  made.append(element("td", seat.symptoms ? `${dots} ${seat.repaired} of ${seat.symptoms}` : seat.phase));
  made.append(element("td", seat.points === null ? "" : String(seat.points), { class: "number" }));
  return made;
}

const events = new EventSource("/projector/events");
events.onmessage = (event) => {
  shown = JSON.parse(event.data);
  server.hear(shown.now);
  put(byId("title"), shown.title);
  byId("joining").hidden = Boolean(shown.started);
  put(byId("address"), shown.address);
  byId("print").hidden = !shown.fingerprint;
  put(byId("fingerprint"), shown.fingerprint);
  const since = shown.frozen && new Date(shown.frozen).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  put(byId("ranking"), shown.revealed ? "The final ranking" : since ? `Ranking at ${since}. The final ranking is shown later.` : "");
  const places = new Map(shown.ranking.map((each) => [each.number, each.place]));
  const order = [...shown.seats].sort((a, b) => (places.get(a.number) ?? 0) - (places.get(b.number) ?? 0) || a.number - b.number);
  const state = JSON.stringify([order, shown.ranking]);
  if (byId("seats").dataset.shown !== state) {
    byId("seats").dataset.shown = state;
    byId("seats").replaceChildren(...order.map((seat) => row(seat, places.get(seat.number))));
  }
  tick();
};
