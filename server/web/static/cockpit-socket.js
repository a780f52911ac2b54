// Monitor socket: the client's side of viva.monitor.v1; hello, commands, and reconnecting.

import { ApiError } from "./api.js";

const SUBPROTOCOL = "viva.monitor.v1";
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 4_000;
const NOT_LIVE_WAIT_MS = 3_000;
const NO_ROOM_WAIT_MS = 60_000;
const READY_WITHIN_MS = 10_000;
const PING_EVERY_MS = 5_000;
const DEAD_AFTER_MS = 16_000; // nothing at all heard, not even a pong
const BYTES_A_SECOND = 32_000; // of the microphone: what waits longer than this is dropped

/** Close codes as the protocol's table has them: of those not named here, codes from 4400 on say
 * that coming back would not help; all others mean to come back. */
const OVER = new Set([1000, 4410]);
const NEW_TICKET = new Set([4401, 4403]);
const RETRYABLE = new Set([4408, 4425, 4500, 4503, 4404]);
const NO_ROOM = 4503;

export class MonitorSocket {
  /**
   * `getTicket()` -> {ticket, socket_url}. `on` holds: message(message), audio(ArrayBuffer),
   * connection("connecting" | "open" | "retrying" | "waiting", sentence),
   * closed("over" | "refused", sentence): for good.
   */
  constructor(getTicket, on) {
    this.getTicket = getTicket;
    this.on = on;
    this.stream = null; // with `last`: what we have, named when we come back
    this.last = null;
    this.attempt = 0;
    this.refusedTickets = 0;
    this.refs = 0;
    this.waiting = new Map(); // ref -> how its promise is settled
    this.online = () => this.retryTimer && this.connect();
    window.addEventListener("online", this.online);
    this.clear();
  }

  clear() {
    clearTimeout(this.readyTimer);
    clearInterval(this.pingTimer);
    this.socket = null;
    this.open = false;
    for (const settle of this.waiting.values()) settle({ type: "lost" });
    this.waiting.clear();
  }

  async connect() {
    clearTimeout(this.retryTimer);
    this.retryTimer = null;
    this.on.connection(this.stream === null ? "connecting" : "retrying", "");
    let ticket;
    try {
      ticket = await this.getTicket();
    } catch (error) {
      return this.ticketRefused(error);
    }
    return this.done ? undefined : this.enter(ticket);
  }

  enter({ ticket, socket_url: url }) {
    const socket = new WebSocket(url, [SUBPROTOCOL]);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    this.heardAt = performance.now();
    this.readyTimer = setTimeout(() => this.abandon(), READY_WITHIN_MS);
    const known = this.stream === null ? {} : { stream: this.stream, last: this.last };
    const current = (handler) => (event) => socket === this.socket && handler(event);
    socket.onopen = current(() => this.send({ type: "hello", ticket, ...known }));
    socket.onmessage = current(({ data }) => this.receive(data));
    socket.onclose = current(({ code, reason }) => this.closed(code, reason));
  }

  send(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  /** A command; settles to its `accepted` or `refused`, or to {type: "lost"}. */
  command(message) {
    if (!this.open) return Promise.resolve({ type: "lost" });
    const ref = `c${++this.refs}`;
    return new Promise((settle) => {
      this.waiting.set(ref, settle);
      this.send({ ...message, ref });
    });
  }

  /** One frame of the microphone; dropped where the line is slow: late words are of no use. */
  sendFrame(frame) {
    if (!this.open || this.socket.bufferedAmount > BYTES_A_SECOND) return;
    this.socket.send(frame);
  }

  receive(data) {
    this.heardAt = performance.now();
    if (data instanceof ArrayBuffer) return this.on.audio(data);
    const message = JSON.parse(data);
    const { type, seq, ref } = message;
    if (type === "snapshot" || type === "resumed") this.ready(message);
    else if (seq !== undefined) this.last = seq;
    if (type === "ended") this.ended = message.reason !== "suspended";
    if (type === "pong") return undefined;
    const settle = this.waiting.get(ref);
    this.waiting.delete(ref);
    settle?.(message);
    if (settle && type === "accepted") return undefined;
    return this.on.message(message);
  }

  ready(message) {
    clearTimeout(this.readyTimer);
    this.attempt = 0;
    this.refusedTickets = 0;
    this.open = true;
    this.stream = message.stream;
    this.last = message.seq ?? message.last;
    this.pingTimer = setInterval(() => this.ping(), PING_EVERY_MS);
    this.on.connection("open", "");
  }

  ping() {
    if (performance.now() - this.heardAt > DEAD_AFTER_MS) return this.abandon();
    return this.send({ type: "ping", t: performance.now() });
  }

  /** A socket that no longer answers is left behind: its close may take minutes to come. */
  abandon() {
    this.socket?.close();
    this.closed(1006, "");
  }

  /** Closes for good. */
  close() {
    this.done = true;
    clearTimeout(this.retryTimer);
    this.retryTimer = null;
    window.removeEventListener("online", this.online);
    const socket = this.socket;
    this.clear();
    socket?.close(1000);
  }

  closed(code, reason) {
    this.clear();
    if (this.done) return undefined;
    if (this.ended || OVER.has(code)) return this.finish("over", reason);
    if (NEW_TICKET.has(code) && this.refusedTickets++ === 0) return this.connect();
    if (code >= 4400 && !RETRYABLE.has(code)) return this.finish("refused", reason);
    return this.retry(code === NO_ROOM ? NO_ROOM_WAIT_MS : 0, "retrying", reason);
  }

  ticketRefused(error) {
    if (this.done) return undefined;
    if (!(error instanceof ApiError)) throw error;
    if (error.code === "not-live") return this.retry(NOT_LIVE_WAIT_MS, "waiting", error.message);
    if (error.retryable) return this.retry(error.retryAfterS * 1000, "retrying", error.message);
    return this.finish(error.code === "interview-over" ? "over" : "refused", error.message);
  }

  finish(kind, sentence) {
    this.close();
    this.on.closed(kind, sentence);
  }

  retry(atLeastMs, state, sentence) {
    const doubled = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.attempt++);
    const waitMs = Math.max(atLeastMs, doubled * (0.75 + Math.random() / 2));
    this.on.connection(state, sentence);
    this.retryTimer = setTimeout(() => this.connect(), waitMs);
  }
}
