"use strict";
// Watch a seat: its screen in its own size, as large as fits here. This page only sends how many bytes it
// has displayed.

const chair = new URLSearchParams(location.search).get("chair") || "";
const terminal = new Terminal({
  fontFamily: 'ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace',
  allowProposedApi: true,
  disableStdin: true,
  scrollback: 0,
  screenReaderMode: true,
});
terminal.loadAddon(new UnicodeGraphemesAddon.UnicodeGraphemesAddon());
terminal.open(byId("screen"));
put(byId("title"), `Watching ${chair}`);

let tries = 0;

function fit() {
  const box = byId("screen").getBoundingClientRect();
  // A letter is about 0.6 as wide as its size, and 1.2 as high.
  const size = Math.min(box.width / terminal.cols / 0.605, box.height / terminal.rows / 1.2);
  terminal.options.fontSize = Math.max(5, Math.min(28, Math.floor(size * 2) / 2));
}

function open() {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(`${scheme}//${location.host}/board/look/line?chair=${encodeURIComponent(chair)}`);
  socket.binaryType = "arraybuffer";
  let displayed = 0;
  socket.onopen = () => { tries = 0; };
  socket.onmessage = (event) => {
    const frame = new Uint8Array(event.data);
    if (frame[0] === 0x4f) {
      terminal.write(frame.subarray(1), () => {
        displayed += frame.length - 1;
        const told = new Uint8Array(5);
        told[0] = 0x41;
        new DataView(told.buffer).setUint32(1, displayed >>> 0);
        if (socket.readyState === WebSocket.OPEN) socket.send(told);
      });
    } else if (frame[0] === 0x4a) {
      const about = JSON.parse(new TextDecoder().decode(frame.subarray(1)));
      terminal.resize(about.cols, about.rows);
      fit();
      put(byId("title"), `Watching ${about.who}`);
      put(byId("line"), about.here ? "connected" : "connected; nobody is at this seat");
      byId("line").className = "good";
      document.title = `Watching ${about.who}`;
    }
  };
  socket.onclose = () => {
    put(byId("line"), "connection lost, trying again …");
    byId("line").className = "bad";
    setTimeout(open, Math.min(8000, 300 * 2 ** tries++) * (0.5 + Math.random()));
  };
}

new ResizeObserver(fit).observe(byId("screen"));
byId("close").addEventListener("click", () => { window.close(); location.assign("/board"); });
open();
