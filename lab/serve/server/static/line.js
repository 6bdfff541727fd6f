"use strict";
// The line to the server. Input is sent in numbered pieces, which are stored until the server has taken them. So a
// broken connection loses no piece and doubles none. The pieces survive a reload of the page, too.

const PIECE = 8 * 1024;
const KEPT = "kluster-line";
const SLOWEST = 8000;

class Line {
  constructor(events) {
    this.events = events;
    this.displayed = 0;
    this.told = 0;
    this.tries = 0;
    this.size = { cols: 120, rows: 37 };
    this.over = false;
    this.restore();
  }

  restore() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(KEPT) || "null");
      if (kept) {
        this.page = kept.page;
        this.number = kept.number;
        this.waiting = kept.waiting.map(([number, text]) => [number, Uint8Array.from(atob(text), (c) => c.charCodeAt(0))]);
        return;
      }
    } catch {
      // Ignore unreadable data.
    }
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    this.page = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    this.number = 0;
    this.waiting = [];
  }

  keep() {
    const waiting = this.waiting.map(([number, data]) => [number, btoa(String.fromCharCode(...data))]);
    try {
      sessionStorage.setItem(KEPT, JSON.stringify({ page: this.page, number: this.number, waiting }));
    } catch {
      // Without storage, the pieces live in this page only.
    }
  }

  open() {
    this.over = false;
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}/seat/line`);
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      this.displayed = this.told = 0;
      const first = this.waiting.length ? this.waiting[0][0] : this.number + 1;
      this.sendText("H", JSON.stringify({ page: this.page, first, ...this.size }));
      this.greeted = false;
    };
    socket.onmessage = (event) => this.heard(new Uint8Array(event.data));
    socket.onclose = (event) => this.closed(socket, event);
  }

  heard(frame) {
    const data = frame.subarray(1);
    switch (frame[0]) {
      case 0x4f: // O
        this.events.output(data, () => this.shown(data.length));
        break;
      case 0x54: // T
        this.taken(new DataView(data.buffer, data.byteOffset).getUint32(0));
        break;
      case 0x4a: // J
        this.events.about(JSON.parse(new TextDecoder().decode(data)));
        break;
    }
  }

  taken(number) {
    this.waiting = this.waiting.filter(([each]) => each > number);
    if (!this.greeted) {
      // The first answer says which pieces had arrived; the others are sent again.
      this.greeted = true;
      this.tries = 0;
      this.number = Math.max(this.number, number);
      for (const [each, data] of this.waiting) this.sendPiece(each, data);
      this.events.state("connected");
    }
    this.keep();
  }

  shown(count) {
    this.displayed += count;
    if (this.soon) return;
    this.soon = setTimeout(() => {
      this.soon = 0;
      if (this.told !== this.displayed && this.ready()) {
        this.told = this.displayed;
        const frame = new Uint8Array(5);
        frame[0] = 0x41;
        new DataView(frame.buffer).setUint32(1, this.displayed >>> 0);
        this.socket.send(frame);
      }
    }, 20);
  }

  closed(socket, event) {
    if (socket !== this.socket) return;
    this.greeted = false;
    if (event.code === 4002 || event.code === 4003) {
      this.over = true;
      this.events.state(event.code === 4002 ? "elsewhere" : "recoded");
      return;
    }
    this.events.state("cut");
    // With jitter: a whole class comes back at once.
    const pause = Math.min(SLOWEST, 300 * 2 ** this.tries++) * (0.5 + Math.random());
    setTimeout(() => this.open(), pause);
  }

  ready() {
    return this.socket && this.socket.readyState === WebSocket.OPEN;
  }

  type(bytes) {
    for (let at = 0; at < bytes.length; at += PIECE) {
      const data = bytes.slice(at, at + PIECE);
      this.waiting.push([++this.number, data]);
      if (this.ready() && this.greeted) this.sendPiece(this.number, data);
    }
    this.keep();
  }

  sendPiece(number, data) {
    const frame = new Uint8Array(5 + data.length);
    frame[0] = 0x49;
    new DataView(frame.buffer).setUint32(1, number);
    frame.set(data, 5);
    if (this.ready()) this.socket.send(frame);
  }

  sendText(letter, text) {
    if (this.ready()) this.socket.send(new TextEncoder().encode(letter + text));
  }

  resize(cols, rows) {
    this.size = { cols, rows };
    const frame = new Uint8Array(5);
    frame[0] = 0x52;
    new DataView(frame.buffer).setUint16(1, cols);
    new DataView(frame.buffer).setUint16(3, rows);
    if (this.ready() && this.greeted) this.socket.send(frame);
  }
}
