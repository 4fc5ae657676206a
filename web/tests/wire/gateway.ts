/** A gateway for tests: takes what a page sends over a socket and answers in its own words. */

import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  type ClientMessage,
  ClientMessageSchema,
  ServerMessageSchema,
} from "../../src/gen/rapt/v1/viewing_pb.ts";

export type Answer = NonNullable<MessageInitShape<typeof ServerMessageSchema>["message"]>;

/** One accepted connection; stands for the browser's WebSocket. */
export class FakeSocket {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly opened: FakeSocket[] = [];

  readonly heard: ClientMessage["message"][] = [];
  readonly bufferedAmount = 0;
  readyState = FakeSocket.CONNECTING;
  binaryType = "";
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: ArrayBuffer }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  constructor(
    readonly url: string,
    readonly protocol: string,
  ) {
    FakeSocket.opened.push(this);
  }

  static get last(): FakeSocket {
    const socket = FakeSocket.opened.at(-1);
    if (socket === undefined) throw new Error("nobody has connected");
    return socket;
  }

  accept(): void {
    this.readyState = FakeSocket.OPEN;
    this.onopen?.();
  }

  send(bytes: Uint8Array): void {
    this.heard.push(fromBinary(ClientMessageSchema, bytes).message);
  }

  say(message: Answer): void {
    const bytes = toBinary(ServerMessageSchema, create(ServerMessageSchema, { message }));
    this.onmessage?.({ data: bytes.slice().buffer });
  }

  /** The connection ends. */
  cut(code: number): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }

  close(): void {
    this.readyState = 3;
  }

  /** Numbers of the player events heard. */
  get events(): number[] {
    return this.heard.flatMap((message) =>
      message.case === "playerEvent" ? [message.value.seq] : [],
    );
  }
}
