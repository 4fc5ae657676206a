// @vitest-environment happy-dom
/** A session over a line that breaks. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { EventKind, PlayerState, ShedReason } from "../../src/gen/rapt/v1/perception_pb.ts";
import type { Draft } from "../../src/wire/event.ts";
import { nowMs, Viewing } from "../../src/wire/viewing.ts";
import { FakeSocket } from "./gateway.ts";

interface Call {
  readonly path: string;
  readonly init: RequestInit;
}

const calls: Call[] = [];
let status = 201;

function answer(path: string, init: RequestInit): Promise<Response> {
  calls.push({ path, init });
  const expires_at = new Date(Date.now() + 600_000).toISOString();
  const ticket = { session_id: "42", ticket: `ticket ${calls.length}`, expires_at };
  const problem = { title: "Not found", detail: "There is no content with this number." };
  return Promise.resolve(Response.json(status < 400 ? ticket : problem, { status }));
}

function draft(kind = EventKind.BEAT): Draft {
  return {
    kind,
    atMs: nowMs(),
    positionMs: 0,
    toMs: 0,
    value: 0,
    player: PlayerState.PLAYING,
    ratePct: 100,
    isVisible: true,
    isIdle: false,
    segments: [],
  };
}

async function opened(): Promise<Viewing> {
  const viewing = new Viewing({ contentId: "7", name: "Ada", role: "student" });
  await vi.advanceTimersByTimeAsync(0);
  FakeSocket.last.accept();
  return viewing;
}

function welcome(ackedEventSeq = 0): void {
  FakeSocket.last.say({ case: "welcome", value: { beatS: 5, ackedEventSeq } });
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.stubGlobal("fetch", answer);
  calls.length = 0;
  FakeSocket.opened.length = 0;
  status = 201;
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("a session", () => {
  it("says Hello with its ticket first, on the subprotocol of the contract", async () => {
    const viewing = await opened();
    const [hello] = FakeSocket.last.heard;
    expect(FakeSocket.last.protocol).toBe("rapt.v1");
    expect(hello?.case === "hello" && hello.value.ticket).toBe("ticket 1");
    expect(viewing.sessionId).toBe("42");
    viewing.close();
  });

  it("keeps events until Welcome and sends them in order", async () => {
    const viewing = await opened();
    viewing.report(draft(EventKind.OPEN));
    viewing.report(draft(EventKind.PLAY));
    expect(FakeSocket.last.events).toEqual([]);
    welcome();
    expect(FakeSocket.last.events).toEqual([1, 2]);
    viewing.close();
  });

  it("sends again after a cut what was not acknowledged, and only that", async () => {
    const viewing = await opened();
    welcome();
    for (let i = 0; i < 3; i += 1) viewing.report(draft());
    FakeSocket.last.say({ case: "control", value: { ackedEventSeq: 1 } });
    FakeSocket.last.cut(1006);
    viewing.report(draft());
    await vi.advanceTimersByTimeAsync(1000);
    FakeSocket.last.accept();
    welcome(1);
    expect(FakeSocket.opened).toHaveLength(2);
    expect(FakeSocket.last.events).toEqual([2, 3, 4]);
    viewing.close();
  });

  it("loses nothing when two messages in a row are lost", async () => {
    const viewing = await opened();
    welcome();
    viewing.report(draft());
    viewing.report(draft());
    FakeSocket.last.cut(1006);
    await vi.advanceTimersByTimeAsync(1000);
    FakeSocket.last.accept();
    welcome(0);
    FakeSocket.last.cut(1006);
    await vi.advanceTimersByTimeAsync(1000);
    FakeSocket.last.accept();
    welcome(0);
    expect(FakeSocket.last.events).toEqual([1, 2]);
    viewing.close();
  });

  it("sends an event again that was refused for now, and no other", async () => {
    const viewing = await opened();
    welcome();
    for (let i = 0; i < 3; i += 1) viewing.report(draft());
    const subject = { case: "eventSeq", value: 2 } as const;
    const reason = ShedReason.REFUSED_SPOOL_FULL;
    FakeSocket.last.say({
      case: "shed",
      value: { subject, reason, control: { ackedEventSeq: 1 } },
    });
    await vi.advanceTimersByTimeAsync(1000);
    expect(FakeSocket.last.events).toEqual([1, 2, 3, 2, 3]);
    FakeSocket.last.say({
      case: "shed",
      value: { subject, reason: ShedReason.REFUSED_RATE, control: { ackedEventSeq: 3 } },
    });
    await vi.advanceTimersByTimeAsync(2000);
    expect(FakeSocket.last.events).toEqual([1, 2, 3, 2, 3]);
    viewing.close();
  });

  it("renews a refused ticket once and comes back at once", async () => {
    const viewing = await opened();
    FakeSocket.last.cut(4401);
    await vi.advanceTimersByTimeAsync(0);
    expect(calls.at(-1)?.path).toBe("/v1/sessions/42/ticket");
    FakeSocket.last.accept();
    const [hello] = FakeSocket.last.heard;
    expect(hello?.case === "hello" && hello.value.ticket).toBe("ticket 2");
    FakeSocket.last.cut(4401);
    expect(viewing.state.line).toBe("stopped");
  });

  it("stops with the gateway's sentence when it is refused", async () => {
    status = 404;
    const viewing = new Viewing({ contentId: "7", name: "Ada", role: "student" });
    await vi.advanceTimersByTimeAsync(0);
    expect(viewing.state.line).toBe("stopped");
    expect(viewing.state.reason).toBe("There is no content with this number.");
    expect(FakeSocket.opened).toHaveLength(0);
  });

  it("sends no more than eight waiting events a second", async () => {
    const viewing = await opened();
    for (let i = 0; i < 20; i += 1) viewing.report(draft());
    welcome();
    expect(FakeSocket.last.events).toHaveLength(8);
    await vi.advanceTimersByTimeAsync(1000);
    expect(FakeSocket.last.events).toHaveLength(16);
    viewing.close();
  });

  it("leaves with its last words by a request that outlives the page", async () => {
    const viewing = await opened();
    welcome();
    viewing.report(draft(EventKind.PLAY));
    FakeSocket.last.say({ case: "control", value: { ackedEventSeq: 1 } });
    viewing.report(draft(EventKind.CLOSE));
    viewing.lastWords();
    const words = calls.filter(({ path }) => path === "/v1/sessions/42/events");
    expect(words).toHaveLength(1);
    expect(words[0]?.init.keepalive).toBe(true);
    expect(new Headers(words[0]?.init.headers).get("authorization")).toBe("Bearer ticket 1");
    viewing.close();
  });
});
