"use strict";
// The dialog with the actions for a seat and its people. It is built again only when these change.

let opened = "";
let built = "";

function openActs(name) {
  opened = name;
  built = "";
  refreshActs();
  byId("acts").showModal();
}

function refreshActs() {
  const seat = opened && shown.seats.find((each) => each.name === opened);
  if (!seat) return;
  const people = seat.people.map((each) => [each.chair, each.who, each.code, each.captain, Boolean(each.hand)]);
  const state = JSON.stringify([seat.phase, people, Object.keys(seat.symptoms || {})]);
  if (state === built) return;
  built = state;
  const focused = document.activeElement?.dataset?.act;
  put(byId("actshead"), `Seat ${seat.number}: ${seat.who}`);
  const body = [seatActs(seat), ...seat.people.map((person) => personActs(seat, person))];
  byId("actsbody").replaceChildren(...body);
  if (focused) byId("actsbody").querySelector(`[data-act="${CSS.escape(focused)}"]`)?.focus();
}

function button(group, words, key, does) {
  const made = element("button", words, { type: "button", "data-act": key });
  made.addEventListener("click", does);
  group.append(made, " ");
}

function seatActs(seat) {
  const group = element("fieldset");
  group.append(element("legend", "The seat"));
  const known = Object.keys(seat.symptoms || {});
  for (const symptom of shown.symptoms.filter((each) => !known.length || known.includes(each.name))) {
    button(group, `Give a free hint: ${symptom.name}`, `gift ${symptom.name}`, () => act({ do: "gift", seat: seat.name, symptom: symptom.name }));
  }
  button(group, "Message …", "say", async () => {
    const words = await ask(`Message to ${seat.who}`, "Text", "Send");
    if (words) act({ do: "say", seat: seat.name, words });
  });
  button(group, "Submit for them", "submit", () => {
    if (confirm(`Submit for ${seat.who}? That ends the attempt.`)) act({ do: "submit", seat: seat.name });
  });
  if (seat.team) {
    button(group, "Add a person …", "add-person", async () => {
      const name = await ask(`Add a person to ${seat.who}`, "Name", "Add");
      if (name !== null) showJoining(await act({ do: "add-person", seat: seat.name, name }), "joins with this code.");
    });
  }
  return group;
}

function personActs(seat, person) {
  const group = element("fieldset");
  group.append(element("legend", seat.team ? person.who : "The person"));
  const one = (words, what, more = {}) => button(group, words, `${what} ${person.chair}`, () => act({ do: what, chair: person.chair, ...more }));
  if (person.hand) one("Lower hand", "lower-hand");
  one("Nudge", "nudge");
  const look = element("a", "Watch the screen", { href: `/board/look?chair=${encodeURIComponent(person.chair)}`, target: "_blank", rel: "noopener", class: "button", "data-act": `look ${person.chair}` });
  group.append(look, " ");
  button(group, "Move to another browser", `move ${person.chair}`, async () => {
    showJoining(await act({ do: "move", chair: person.chair }), "continues in the browser that joins with this code. The old browser shows a message.");
  });
  button(group, "New code", `reissue ${person.chair}`, async () => {
    if (!confirm(`Give ${person.who} a new code? Browsers at the seat must then join again.`)) return;
    showJoining(await act({ do: "reissue", chair: person.chair }), "joins with this new code.");
  });
  button(group, "Rename …", `rename ${person.chair}`, async () => {
    const name = await ask(`Rename ${person.who}`, "Name", "Rename");
    if (name) act({ do: "rename", chair: person.chair, name });
  });
  if (seat.team && !person.captain) one("Make captain", "captain");
  group.append(element("span", ` Code: ${person.code}`, { class: "code" }));
  return group;
}

function ask(title, label, yes) {
  return new Promise((resolve) => {
    const dialog = byId("asking");
    put(byId("askinghead"), title);
    put(byId("askinglabel"), label);
    put(byId("askingyes"), yes);
    byId("answer").value = "";
    dialog.returnValue = "";
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes" ? byId("answer").value.trim() : null), { once: true });
    dialog.showModal();
    byId("answer").focus();
  });
}

function showJoining(joining, words) {
  if (!joining) return;
  put(byId("joininghead"), joining.who);
  put(byId("joiningwords"), `${joining.who} ${words} Address: ${joining.address}`);
  put(byId("joiningcode"), joining.code);
  byId("joiningpicture").src = `/board/qr.svg?chair=${encodeURIComponent(joining.chair)}&code=${joining.code}`;
  byId("joiningpicture").alt = `QR code of the address with the code ${joining.code}`;
  byId("joining").showModal();
}

byId("acts").addEventListener("close", () => {
  const name = opened;
  opened = "";
  document.querySelector(`tr[data-seat="${name}"] button`)?.focus();
});
byId("actsclose").addEventListener("click", () => byId("acts").close());
byId("add").addEventListener("click", async () => {
  const name = await ask("Add a seat for a latecomer", "Name", "Add");
  if (name !== null) showJoining(await act({ do: "add-seat", name }), "joins with this code. The cluster is ready in a few seconds.");
});
