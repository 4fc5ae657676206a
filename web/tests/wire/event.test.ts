/** Events in the gateway's clock. */

import { expect, it } from "vitest";
import { EventKind, PlayerState } from "../../src/gen/rapt/v1/perception_pb.ts";
import { type Draft, encode } from "../../src/wire/event.ts";

const AT_MS = 1_800_000_000_000;
const DRAFT: Draft = {
  kind: EventKind.SEEK,
  atMs: AT_MS,
  positionMs: 1000,
  toMs: 9000,
  value: 0,
  player: PlayerState.PLAYING,
  ratePct: 150,
  isVisible: true,
  isIdle: false,
  segments: [{ fromMs: 0, toMs: 1000, ratePct: 150, isVisible: true, atMs: AT_MS - 667 }],
};

it("corrects every time by the offset", () => {
  const event = encode(DRAFT, 4, 2_500_000, 0n);
  expect(event.seq).toBe(4);
  expect(event.atUs).toBe(BigInt(AT_MS) * 1000n + 2_500_000n);
  expect(event.segments[0]?.atUs).toBe(BigInt(AT_MS - 667) * 1000n + 2_500_000n);
});

it("never goes back behind the event before it", () => {
  const before = encode(DRAFT, 1, 900_000, 0n);
  const after = encode({ ...DRAFT, atMs: AT_MS + 5 }, 2, 0, before.atUs);
  expect(after.atUs).toBe(before.atUs);
});
