// Interview socket: the client's side of viva.v1; hello, start, audio up, and reconnecting.

import { ApiError, call } from "./api.js";
import { stats } from "./stats.js";

const SUBPROTOCOL = "viva.v1";
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 4_000;
const READY_WITHIN_MS = 10_000;
const PING_EVERY_MS = 1_000;
const WEAK_AFTER_MS = 2_000; // nothing heard, not even a pong, or so much sound that waits
const WATCH_EVERY_MS = 250;
const DEAD_AFTER_MS = 16_000; // nothing at all heard, not even a pong
const FRAME_MS = 32;
const BYTES_A_SECOND = 32_000;
const BACKLOG_FRAMES = (4 * 1000) / FRAME_MS; // with a second in the socket's own buffer: 5 s
const CATCH_UP_FRAMES = 2; // at most twice real time after an outage

/** Close codes as the server's table has them. Below 4000 (the network's own), or in RETRYABLE, the
 * answer is to come back; other codes from 4400 on say that coming back would not help. */
const BAD_TICKET = 4401;
const ELSEWHERE = 4409;
const OVER = 4410;
const ANOTHER_TIME = 4425;
const RETRYABLE = new Set([4408, 4500, 4503]);
const NO_ROOM = 4503;
const NO_ROOM_WAIT_MS = 10_000;

export class InterviewSocket {
  /**
   * `getTicket()` -> {ticket, socket_url}. `on` holds:
   * ready(message), message(message), audio(ArrayBuffer), lost() after each loss of the connection,
   * connection("connecting" | "open" | "retrying", {attempt, waitMs}),
   * weak("" | "kept" | "lost"): whether the line is weak, and what becomes of the words meanwhile,
   * closed("elsewhere" | "over" | "paused" | "refused", sentence): for good, unless `enter` is called again.
   */
  constructor(getTicket, on) {
    this.getTicket = getTicket;
    this.on = on;
    this.backlog = []; // frames that wait to be sent
    this.unheard = []; // frames sent since the server was last heard: lost, if the line turns out dead
    this.weak = "";
    this.answers = false; // the server answers pings, so silence tells something
    this.everStarted = false;
    this.attempt = 0;
    this.retryTimer = null;
    this.openedMs = null; // when the candidate opened the interview here, as the server told it
    this.clear();
    window.addEventListener("online", () => this.retryTimer && this.connect());
  }

  clear() {
    clearTimeout(this.readyTimer);
    clearInterval(this.pingTimer);
    this.socket = null;
    this.started = false; // on this connection
    this.fatal = null; // the error that the server sends before it closes
    this.refusedTickets ??= 0;
  }

  /** Enters because the candidate wants it: whatever held the interview so far is closed. */
  enter() {
    this.openedMs = null;
    clearInterval(this.watchTimer);
    this.watchTimer = setInterval(() => this.watch(), WATCH_EVERY_MS);
    return this.connect();
  }

  /** Connects, or comes back by itself: not where the candidate has gone on elsewhere since. */
  async connect() {
    clearTimeout(this.retryTimer);
    this.retryTimer = null;
    this.done = false;
    this.on.connection(this.everStarted ? "retrying" : "connecting", { attempt: this.attempt });
    let ticket;
    try {
      ticket = await this.getTicket();
    } catch (error) {
      return this.ticketRefused(error);
    }
    return this.done ? undefined : this.open(ticket);
  }

  open({ ticket, socket_url: url }) {
    const socket = new WebSocket(url, [SUBPROTOCOL]);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    stats.connects++;
    this.heardAt = performance.now();
    this.readyTimer = setTimeout(() => this.abandon(), READY_WITHIN_MS);
    const current = (handler) => (event) => socket === this.socket && handler(event);
    socket.onopen = current(() => this.hello(ticket));
    socket.onmessage = current(({ data }) => this.receive(data));
    socket.onclose = current(({ code, reason }) => this.closed(code, reason));
  }

  hello(ticket) {
    const opened = this.openedMs === null ? {} : { opened_ms: this.openedMs };
    this.send({ type: "hello", ticket, ...opened });
  }

  /** Sends a control message, or drops it where there is no connection to send it on. */
  send(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  /** One captured frame. Kept for a while when the line is slow or cut; then the oldest go. */
  sendFrame(frame) {
    if (!this.everStarted) return;
    this.backlog.push(frame);
    if (this.backlog.length > BACKLOG_FRAMES) {
      this.backlog.shift();
      this.droppedAt = performance.now();
      stats.framesDropped++;
    }
    if (!this.started || this.silent || this.socket.readyState !== WebSocket.OPEN) return;
    for (let n = 0; n < CATCH_UP_FRAMES && this.backlog.length > 0; n++) {
      if (this.socket.bufferedAmount >= BYTES_A_SECOND) return;
      const frame = this.backlog.shift();
      this.socket.send(frame);
      this.unheard.push(frame);
      if (this.unheard.length > BACKLOG_FRAMES) this.unheard.shift();
      stats.framesSent++;
    }
  }

  /** Tells when the line becomes weak, and when it is good again. */
  watch() {
    const now = performance.now();
    const waitingMs = this.backlog.length * FRAME_MS;
    const cut = !this.started && this.everStarted && now - this.cutAt >= WEAK_AFTER_MS;
    const weak = this.silent || cut || waitingMs >= WEAK_AFTER_MS;
    const dropping = now - this.droppedAt < WEAK_AFTER_MS;
    this.tellWeak(weak && !this.done ? (dropping ? "lost" : "kept") : "");
  }

  get silent() {
    return this.started && this.answers && performance.now() - this.heardAt >= WEAK_AFTER_MS;
  }

  tellWeak(how) {
    if (how === this.weak) return;
    this.weak = how;
    this.on.weak?.(how);
  }

  /** Closes for good. */
  close() {
    this.done = true;
    this.unwatch();
    clearTimeout(this.retryTimer);
    this.retryTimer = null;
    const socket = this.socket;
    this.clear();
    socket?.close(1000);
  }

  unwatch() {
    clearInterval(this.watchTimer);
    this.tellWeak("");
  }

  receive(data) {
    this.heardAt = performance.now();
    this.unheard.length = 0;
    if (data instanceof ArrayBuffer) return this.on.audio(data);
    const message = JSON.parse(data);
    if (message.type === "session.ready") return this.ready(message);
    if (message.type === "session.ended") this.done = true;
    if (message.type === "error" && message.fatal) this.fatal = message;
    if (message.type === "pong") {
      this.answers = true;
      stats.roundTripMs = performance.now() - message.t;
      return undefined;
    }
    return this.on.message(message);
  }

  ready(message) {
    clearTimeout(this.readyTimer);
    this.attempt = 0;
    this.refusedTickets = 0;
    this.openedMs = message.opened_ms;
    this.pingTimer = setInterval(() => this.ping(), PING_EVERY_MS);
    this.on.ready(message);
    this.send({ type: "start", consent: true });
    this.started = true;
    this.everStarted = true;
    this.ping(); // at once: its answer tells that silence will mean something
    this.on.connection("open", {});
  }

  ping() {
    if (performance.now() - this.heardAt > DEAD_AFTER_MS) return this.abandon();
    return this.send({ type: "ping", t: performance.now() });
  }

  /** A socket that no longer answers is left behind: its close may take minutes to come. */
  abandon() {
    this.socket?.close();
    this.backlog = [...this.unheard, ...this.backlog].slice(-BACKLOG_FRAMES);
    this.closed(1006, "");
  }

  closed(code, reason) {
    const sentence = this.fatal?.message || reason;
    const refused = code === 1008 || (code >= 4000 && !RETRYABLE.has(code));
    if (this.started) this.cutAt = performance.now();
    this.unheard = [];
    this.clear();
    if (this.done) return undefined;
    this.on.lost();
    if (code === ELSEWHERE) return this.finish("elsewhere", sentence);
    if (code === ANOTHER_TIME) return this.finish("paused", sentence);
    if (code === OVER) return this.finish("over", sentence);
    if (code === BAD_TICKET && this.refusedTickets++ === 0) return this.connect();
    if (refused) return this.finish("refused", sentence);
    return this.retry(code === NO_ROOM ? NO_ROOM_WAIT_MS : 0);
  }

  ticketRefused(error) {
    if (this.done) return undefined;
    if (!(error instanceof ApiError)) throw error;
    if (error.retryable) return this.retry(error.retryAfterS * 1000);
    return this.finish(error.code === "interview-over" ? "over" : "refused", error.message);
  }

  finish(kind, sentence) {
    this.done = true;
    this.unwatch();
    this.on.closed(kind, sentence);
  }

  retry(atLeastMs = 0) {
    const doubled = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.attempt++);
    const waitMs = Math.max(atLeastMs, doubled * (0.75 + Math.random() / 2));
    this.on.connection("retrying", { attempt: this.attempt, waitMs });
    this.retryTimer = setTimeout(() => this.connect(), waitMs);
  }
}

/** The ticket for one socket. Throws ApiError. */
export function ticketFor(token) {
  return call("POST", "/api/v1/join/ticket", { body: { token } });
}
