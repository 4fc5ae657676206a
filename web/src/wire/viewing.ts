/**
 * One viewing session: its ticket, its line, its player events, and what is known so far.
 *
 * Events are kept until the gateway says they are safe, and sent again after each Welcome.
 * Components read `state` through `subscribe`.
 */

import { create, toBinary } from "@bufbuild/protobuf";
import {
  CloseSchema,
  ExitReason,
  type Frame,
  type PlayerEvent,
  type Shed,
  ShedReason,
} from "../gen/rapt/v1/perception_pb.ts";
import {
  ClientMessageSchema,
  PingSchema,
  type ServerMessage,
  WatchWallSchema,
} from "../gen/rapt/v1/viewing_pb.ts";
import { type Clock, NO_CLOCK, withPong, withWelcome } from "./clock.ts";
import { type Draft, encode } from "./event.ts";
import { type Live, NOTHING_YET, next } from "./fold.ts";
import { Line, type LineState } from "./line.ts";
import { acknowledge, emptyOutbox, type Outbox, put } from "./outbox.ts";
import { post, sendLastWords, type Ticket } from "./rest.ts";

/** A ticket this close to its end is renewed before it is used, milliseconds. */
const RENEW_EARLY_MS = 60_000;
const SOCKET_PATH = "/ws";
const PING_EVERY_MS = 60_000;
const PINGS_AT_START = 5;
const PING_GAP_MS = 100;
/** All keepalive bodies of a page share 64 KiB. */
const LAST_WORDS_BYTES = 60_000;
/** Gateways take ten messages a second besides frames: after a cut the waiting ones go in portions. */
const RESEND_PORTION = 8;
const RESEND_EVERY_MS = 1_000;

export interface ViewingState {
  readonly line: LineState;
  /** Why the line has stopped for good, as a sentence. */
  readonly reason: string;
  readonly live: Live;
}

export interface Watching {
  readonly contentId: string;
  readonly name: string;
  readonly role: "student" | "teacher";
  readonly watchesWall?: boolean;
}

interface Entry {
  readonly seq: number;
  readonly draft: Draft;
  /** Made when it is first sent: by then the gateway's clock is known. */
  event: PlayerEvent | null;
}

/** Milliseconds since 1970 that never go back, whatever happens to the wall clock. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

export class Viewing {
  readonly #watching: Watching;
  #ticket: Ticket | null = null;
  readonly #line: Line;
  readonly #listeners = new Set<() => void>();
  readonly #timers = new Set<ReturnType<typeof setInterval>>();
  #clock: Clock = NO_CLOCK;
  #outbox: Outbox<Entry> = emptyOutbox();
  #sentSeq = 0;
  #newestUs = 0n;
  #state: ViewingState = { line: "connecting", reason: "", live: NOTHING_YET };

  /** Connects at once; the session is opened at the gateway on the way. */
  constructor(watching: Watching) {
    this.#watching = watching;
    this.#line = new Line(SOCKET_PATH, {
      ticket: (renew) => this.#freshTicket(renew),
      received: (message) => this.#received(message),
      changed: (line, reason) => this.#set({ ...this.#state, line, reason }),
    });
    this.#every(RESEND_EVERY_MS, () => this.#sendWaiting());
    this.#every(PING_EVERY_MS, () => this.#ping());
    void this.#line.open();
  }

  /** The session's number, once the gateway has opened it. */
  get sessionId(): string | null {
    return this.#ticket?.session_id ?? null;
  }

  get state(): ViewingState {
    return this.#state;
  }

  get bufferedBytes(): number {
    return this.#line.bufferedBytes;
  }

  /** The gateway's clock, milliseconds since 1970. */
  serverNowMs(): number {
    return nowMs() + this.#clock.offsetUs / 1000;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Keeps the event until it is safe, and sends it now if the line is open. */
  report(draft: Draft): void {
    this.#outbox = put(this.#outbox, (seq) => ({ seq, draft, event: null }));
    this.#sendWaiting();
  }

  /** Sends a picture; false when the line is not open. */
  sendFrame(frame: Frame): boolean {
    return this.#line.send({ case: "frame", value: frame });
  }

  /** What is not safe yet, by fetch that outlives the page; the last event is the newest. */
  lastWords(): void {
    if (this.#ticket === null) return;
    let left = LAST_WORDS_BYTES;
    for (const entry of this.#outbox.waiting) {
      const message = { case: "playerEvent", value: this.#event(entry) } as const;
      const body = toBinary(ClientMessageSchema, create(ClientMessageSchema, { message }));
      left -= body.byteLength;
      if (left < 0) return;
      sendLastWords(this.#ticket.session_id, this.#ticket.ticket, body);
    }
  }

  /** Ends the session in good order. */
  close(): void {
    const value = create(CloseSchema, { reason: ExitReason.LEFT });
    this.#sendWaiting();
    if (this.#outbox.waiting.some(({ seq }) => seq > this.#sentSeq)) this.lastWords();
    else this.#line.send({ case: "close", value });
    for (const timer of this.#timers) clearInterval(timer);
    this.#line.stop();
  }

  #received(message: ServerMessage): void {
    const said = message.message;
    if (said.case === "welcome") {
      this.#clock = withWelcome(this.#clock, Number(said.value.serverUs), nowMs() * 1000);
      this.#acknowledge(said.value.ackedEventSeq);
      this.#sentSeq = said.value.ackedEventSeq;
      this.#sendWaiting();
      this.#start();
    } else if (said.case === "pong") {
      const { clientUs, serverUs } = said.value;
      this.#clock = withPong(this.#clock, Number(clientUs), Number(serverUs), nowMs() * 1000);
    } else if (said.case === "control") {
      this.#acknowledge(said.value.ackedEventSeq);
    } else if (said.case === "verdict" || said.case === "shed") {
      this.#acknowledge(said.value.control?.ackedEventSeq ?? 0);
      if (said.case === "shed" && isForNow(said.value)) this.#sendAgainFrom(said.value);
    }
    this.#set({ ...this.#state, live: next(this.#state.live, message, nowMs()) });
  }

  #start(): void {
    if (this.#watching.watchesWall === true)
      this.#line.send({ case: "watchWall", value: create(WatchWallSchema) });
    for (let i = 0; i < PINGS_AT_START; i += 1) setTimeout(() => this.#ping(), i * PING_GAP_MS);
  }

  #ping(): void {
    const value = create(PingSchema, { clientUs: BigInt(Math.round(nowMs() * 1000)) });
    this.#line.send({ case: "ping", value });
  }

  #acknowledge(seq: number): void {
    this.#outbox = acknowledge(this.#outbox, seq);
  }

  /** What was refused for now goes out again with the next round, unless it is settled by then. */
  #sendAgainFrom({ subject }: Shed): void {
    if (subject.case === "eventSeq") this.#sentSeq = Math.min(this.#sentSeq, subject.value - 1);
  }

  #sendWaiting(): void {
    const unsent = this.#outbox.waiting.filter(({ seq }) => seq > this.#sentSeq);
    if (this.#state.line !== "open") return;
    for (const entry of unsent.slice(0, RESEND_PORTION)) {
      if (!this.#line.send({ case: "playerEvent", value: this.#event(entry) })) return;
      this.#sentSeq = entry.seq;
    }
  }

  #event(entry: Entry): PlayerEvent {
    entry.event ??= encode(entry.draft, entry.seq, this.#clock.offsetUs, this.#newestUs);
    this.#newestUs = entry.event.atUs;
    return entry.event;
  }

  async #freshTicket(renew: boolean): Promise<string> {
    this.#ticket =
      this.#ticket === null
        ? await openSession(this.#watching)
        : await renewed(this.#ticket, renew);
    return this.#ticket.ticket;
  }

  #every(periodMs: number, act: () => void): void {
    this.#timers.add(setInterval(act, periodMs));
  }

  #set(state: ViewingState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

function isForNow({ reason }: Shed): boolean {
  return reason === ShedReason.REFUSED_SPOOL_FULL || reason === ShedReason.REFUSED_FAULT;
}

function openSession({ contentId, name, role }: Watching): Promise<Ticket> {
  const body = { content_id: contentId, name, role, device: deviceClass() };
  return post<Ticket>("/v1/sessions", body);
}

async function renewed(ticket: Ticket, isRefused: boolean): Promise<Ticket> {
  const leftMs = Date.parse(ticket.expires_at) - Date.now();
  if (!isRefused && leftMs >= RENEW_EARLY_MS) return ticket;
  return post<Ticket>(`/v1/sessions/${ticket.session_id}/ticket`, {});
}

function deviceClass(): string {
  return matchMedia("(pointer: coarse) and (max-width: 640px)").matches ? "phone" : "desktop";
}
