/**
 * One socket that comes back.
 *
 * It opens, says Hello, passes every message on, and after a close does what `reconnect` decides. It holds no queue:
 * what must not be lost is kept by its owner and sent again after the next Welcome.
 */

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type ClientMessage,
  ClientMessageSchema,
  HelloSchema,
  type ServerMessage,
  ServerMessageSchema,
} from "../gen/rapt/v1/viewing_pb.ts";
import { nextStep } from "./reconnect.ts";
import { Refused } from "./rest.ts";

const SUBPROTOCOL = "rapt.v1";
/** Close code of a socket that never opened. */
const NEVER_OPENED = 1006;

export type LineState = "connecting" | "open" | "waiting" | "stopped";

export interface LineOwner {
  /** A valid ticket; `renew` when the last one was refused. */
  ticket(renew: boolean): Promise<string>;
  received(message: ServerMessage): void;
  /** `reason` is a sentence when the line has stopped for good. */
  changed(state: LineState, reason: string): void;
}

export class Line {
  readonly #url: string;
  readonly #owner: LineOwner;
  #socket: WebSocket | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #attempt = 0;
  #hasRenewed = false;
  #isOpen = false;
  #isStopped = false;

  constructor(path: string, owner: LineOwner) {
    this.#url = new URL(path, location.href.replace(/^http/, "ws")).href;
    this.#owner = owner;
    addEventListener("online", this.#hurry);
  }

  /** Bytes that the browser has not sent yet. */
  get bufferedBytes(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  async open(renew = false): Promise<void> {
    if (this.#isStopped) return;
    this.#owner.changed("connecting", "");
    try {
      const ticket = await this.#owner.ticket(renew);
      if (!this.#isStopped) this.#connect(ticket);
    } catch (error) {
      // Refused for good: asking again will not help. Not reached: it may be back soon.
      if (error instanceof Refused && error.status >= 400 && error.status < 500) {
        this.stop(error.message);
      } else this.#after(NEVER_OPENED);
    }
  }

  /** Sends now, or says that it cannot. */
  send(message: ClientMessage["message"]): boolean {
    if (!this.#isOpen || this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(toBinary(ClientMessageSchema, create(ClientMessageSchema, { message })));
    return true;
  }

  stop(reason = ""): void {
    this.#isStopped = true;
    this.#isOpen = false;
    clearTimeout(this.#timer);
    removeEventListener("online", this.#hurry);
    this.#socket?.close(1000);
    this.#owner.changed("stopped", reason);
  }

  #connect(ticket: string): void {
    const socket = new WebSocket(this.#url, SUBPROTOCOL);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    socket.onopen = () => {
      const value = create(HelloSchema, { ticket, build: __BUILD__ });
      const hello = create(ClientMessageSchema, { message: { case: "hello", value } });
      socket.send(toBinary(ClientMessageSchema, hello));
    };
    socket.onmessage = ({ data }) => this.#take(new Uint8Array(data as ArrayBuffer));
    socket.onclose = ({ code }) => {
      if (this.#socket === socket) this.#after(code);
    };
  }

  #take(bytes: Uint8Array): void {
    const message = fromBinary(ServerMessageSchema, bytes);
    if (message.message.case === "welcome") {
      this.#isOpen = true;
      this.#attempt = 0;
      this.#hasRenewed = false;
      this.#owner.changed("open", "");
    }
    this.#owner.received(message);
  }

  #after(code: number): void {
    this.#isOpen = false;
    if (this.#isStopped) return;
    const step = nextStep(code, this.#attempt, this.#hasRenewed, Math.random());
    this.#attempt += 1;
    switch (step.kind) {
      case "stop":
        this.stop(step.reason);
        return;
      case "renew":
        this.#hasRenewed = true;
        void this.open(true);
        return;
      case "wait":
        this.#owner.changed("waiting", "");
        this.#timer = setTimeout(() => void this.open(), step.waitMs);
    }
  }

  readonly #hurry = (): void => {
    if (this.#isOpen || this.#isStopped || this.#socket?.readyState === WebSocket.CONNECTING)
      return;
    clearTimeout(this.#timer);
    void this.open();
  };
}
