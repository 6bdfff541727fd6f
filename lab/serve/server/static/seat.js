"use strict";
// The thin page around a seat's screen.

const LONGEST_PASTE = 256 * 1024;
const GESTURE = 5000;

const terminal = new Terminal({
  fontFamily: 'ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace',
  fontSize: Number(localStorage.getItem("kluster-font")) || 15,
  allowProposedApi: true,
  macOptionIsMeta: true,
  rightClickSelectsWord: false,
  scrollback: 0,
});
const fit = new FitAddon.FitAddon();
terminal.loadAddon(fit);
terminal.loadAddon(new UnicodeGraphemesAddon.UnicodeGraphemesAddon());
terminal.loadAddon(new WebLinksAddon.WebLinksAddon());

let copied = "";
let gesture = 0;
for (const kind of ["keydown", "mousedown", "mouseup", "touchend"]) {
  document.addEventListener(kind, () => { gesture = Date.now(); }, true);
}
// Programs may only write to the clipboard, and only right after a key or a click.
terminal.loadAddon(new ClipboardAddon.ClipboardAddon(undefined, {
  readText: async () => "",
  writeText: async (_selection, text) => {
    copied = text;
    if (Date.now() - gesture < GESTURE) await copy(text);
  },
}));
terminal.open(byId("screen"));

async function copy(text) {
  if (navigator.clipboard && window.isSecureContext) {
    try {
      await navigator.clipboard.writeText(text);
      return;
    } catch {
      // As on plain http.
    }
  }
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "small";
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
  terminal.focus();
}

const line = new Line({
  output: (data, done) => terminal.write(data, done),
  about: show,
  state: showState,
});
const encoder = new TextEncoder();
terminal.onData((text) => send(encoder.encode(typed(text))));
terminal.onBinary((text) => send(Uint8Array.from(text, (char) => char.charCodeAt(0) & 255)));
terminal.onResize(({ cols, rows }) => line.resize(cols, rows));

function send(bytes) {
  if (bytes.length > LONGEST_PASTE) {
    say("That is too long to paste.");
  } else if (!about.paused) {
    line.type(bytes);
  }
}

// --- what stands above the screen ---

let about = {};

function show(said) {
  about = said;
  server.hear(said.now);
  document.title = `${said.who}: ${said.title}`;
  put(byId("title"), said.title);
  const captain = said.captain ? ", captain" : "";
  put(byId("who"), said.team ? `${said.who}, team ${said.team}${captain}` : `seat ${said.seat}, ${said.who}`);
  put(byId("watched"), said.watched ? "The instructor is watching your screen" : "");
  byId("hand").setAttribute("aria-pressed", String(said.hand));
  byId("hand").textContent = said.hand ? "Lower hand" : "Raise hand";
  if (said.paused) cover("The event is paused. The clock is stopped, and keys have no effect.", false);
  else if (!line.over) uncover();
  tick();
}

function tick() {
  const clock = byId("clock");
  if (!about.started) clock.textContent = "not started";
  else if (about.paused) clock.textContent = "paused";
  else if (about.deadline) {
    const left = Math.max(0, Math.round(-server.since(about.deadline)));
    const parts = [Math.floor(left / 3600), Math.floor(left / 60) % 60, left % 60];
    clock.textContent = parts.map((part) => String(part).padStart(2, "0")).join(":");
  }
}
setInterval(tick, 1000);

const STATES = {
  connected: ["connected", "good"],
  cut: ["connection lost, trying again …", "bad"],
  elsewhere: ["in another browser", "bad"],
  recoded: ["this seat has a new code", "bad"],
};

function showState(state) {
  const [words, look] = STATES[state];
  say(words);
  byId("line").className = look;
  if (state === "elsewhere") cover("This seat is open in another browser now.", true);
  if (state === "recoded") cover("This seat has a new code. Ask your instructor for it.", false);
  if (state === "connected" && !about.paused) uncover();
}

function say(words) {
  byId("line").textContent = words;
}

function cover(words, again) {
  byId("words").textContent = words;
  byId("again").hidden = !again;
  byId("cover").hidden = false;
  if (again) byId("again").focus();
}

function uncover() {
  if (!byId("cover").hidden) {
    byId("cover").hidden = true;
    terminal.focus();
  }
}

byId("again").addEventListener("click", () => {
  uncover();
  line.open();
});
byId("hand").addEventListener("click", () => {
  line.sendText(about.hand ? "D" : "U", "");
  terminal.focus();
});
byId("copy").addEventListener("click", () => copy(terminal.getSelection() || copied));
byId("paste").addEventListener("click", async () => {
  if (navigator.clipboard && window.isSecureContext) {
    try {
      const text = await navigator.clipboard.readText();
      terminal.focus();
      terminal.paste(text);
      return;
    } catch {
      // The browser refused, so the user pastes by hand.
    }
  }
  byId("text").value = "";
  byId("pasting").showModal();
});
byId("pasting").addEventListener("close", () => {
  terminal.focus();
  if (byId("pasting").returnValue === "send") terminal.paste(byId("text").value);
});
byId("full").addEventListener("click", () => {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen();
  terminal.focus();
});

function resizeFont(by) {
  terminal.options.fontSize = Math.min(40, Math.max(8, terminal.options.fontSize + by));
  localStorage.setItem("kluster-font", terminal.options.fontSize);
  fit.fit();
  terminal.focus();
}
byId("smaller").addEventListener("click", () => resizeFont(-1));
byId("larger").addEventListener("click", () => resizeFont(1));

const KEYS = [
  ["Ctrl+W", "\x17"], ["Ctrl+T", "\x14"], ["Ctrl+N", "\x0e"], ["Ctrl+G", "\x07"], ["Esc", "\x1b"], ["Tab", "\t"],
  ["F1", "\x1bOP"], ["F2", "\x1bOQ"], ["F3", "\x1bOR"], ["F4", "\x1bOS"], ["F5", "\x1b[15~"], ["F6", "\x1b[17~"],
  ["Shift+F6", "\x1b[17;2~"], ["F7", "\x1b[18~"], ["F8", "\x1b[19~"], ["F9", "\x1b[20~"], ["F10", "\x1b[21~"],
  ["F11", "\x1b[23~"], ["F12", "\x1b[24~"],
];
byId("keys").append(new Option("…", ""), ...KEYS.map(([name], index) => new Option(name, String(index))));
byId("keys").addEventListener("change", () => {
  const chosen = byId("keys").value;
  if (chosen) send(encoder.encode(KEYS[Number(chosen)][1]));
  byId("keys").value = "";
  terminal.focus();
});

// --- a tablet's screen keyboard has neither Escape nor arrows, and no Ctrl ---

let ctrl = false;
function pressCtrl(on) {
  ctrl = on;
  byId("ctrl").setAttribute("aria-pressed", String(on));
}

function touchKey(words, text, label) {
  const made = element("button", words, label ? { "aria-label": label } : {});
  // The terminal keeps the focus, or the screen keyboard would go.
  made.addEventListener("pointerdown", (event) => event.preventDefault());
  made.addEventListener("click", () => {
    if (text === null) pressCtrl(!ctrl);
    else send(encoder.encode(text));
  });
  if (text === null) { made.id = "ctrl"; made.setAttribute("aria-pressed", "false"); }
  byId("touch").append(made);
}
touchKey("Esc", "\x1b");
touchKey("Tab", "\t");
touchKey("Ctrl", null);
for (const [words, text, label] of [["←", "\x1b[D", "Left"], ["↑", "\x1b[A", "Up"], ["↓", "\x1b[B", "Down"], ["→", "\x1b[C", "Right"]]) touchKey(words, text, label);
for (const words of ["|", "-", "/", "~"]) touchKey(words, words);

function typed(text) {
  if (ctrl && text.length === 1) {
    pressCtrl(false);
    return String.fromCharCode(text.toUpperCase().charCodeAt(0) & 31);
  }
  return text;
}
byId("anyway").addEventListener("click", () => { byId("phone").className = "gone"; fit.fit(); terminal.focus(); });

new ResizeObserver(() => fit.fit()).observe(byId("screen"));
fit.fit();
line.size = { cols: terminal.cols, rows: terminal.rows };
line.open();
terminal.focus();
