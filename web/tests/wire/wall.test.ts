/** The wall from its packed bytes. */

import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import {
  PulseSchema,
  SeatSchema,
  type Wall,
  WallSchema,
} from "../../src/gen/rapt/v1/viewing_pb.ts";
import { EMPTY_WALL, unpack, withWall } from "../../src/wire/wall.ts";

const NOW_MS = 1_800_000_000_000;

/** Seat, state << 4 | flags, attention, probability, seconds. */
function bytes(...seats: [number, number, number, number, number][]): Uint8Array {
  return new Uint8Array(seats.flatMap(([seat, ...rest]) => [seat >> 8, seat & 255, ...rest]));
}

function wall(
  telemetry: Uint8Array,
  full = false,
  rest: Pick<MessageInitShape<typeof WallSchema>, "seats" | "pulse" | "history"> = {},
): Wall {
  return create(WallSchema, { full, telemetry, ...rest });
}

describe("unpack", () => {
  it("reads the bytes that the gateway packs", () => {
    // Golden: SeatNow(258, DRIFTING, CAMERA_ON | HAND_UP, 37, 90, 40) of gateway/live/seat.py.
    const packed = Uint8Array.from([0x01, 0x02, 0x23, 37, 90, 40]);
    expect(unpack(packed, NOW_MS)).toEqual([
      { seat: 258, showing: "drifting", attention: 0.37, handUp: true, sinceMs: NOW_MS - 40_000 },
    ]);
  });

  it.each([
    [0x11, "focused"],
    [0x21, "drifting"],
    [0x31, "away"],
    [0x41, "eyes_closed"],
    [0x51, "absent"],
    [0x61, "unknown"],
    [0x10, "camera_off"],
    [0x15, "tab_hidden"],
    [0x1d, "left"],
    [0xf1, "unknown"],
  ])("shows %i as %s", (stateAndFlags, showing) => {
    expect(unpack(bytes([0, stateAndFlags, 50, 90, 0]), NOW_MS)[0]?.showing).toBe(showing);
  });

  it("tells no attention from none", () => {
    const [none, zero] = unpack(bytes([0, 0x11, 255, 0, 0], [1, 0x11, 0, 0, 0]), NOW_MS);
    expect(none?.attention).toBeNull();
    expect(zero?.attention).toBe(0);
  });

  it("leaves out a cut last seat", () => {
    expect(unpack(bytes([0, 0x11, 1, 1, 1], [1, 0x11, 1, 1, 1]).slice(0, 9), NOW_MS)).toHaveLength(
      1,
    );
  });

  it("reads bytes that lie inside a larger buffer", () => {
    const larger = Uint8Array.from([9, 9, 9, ...bytes([7, 0x11, 80, 90, 3])]);
    expect(unpack(larger.subarray(3), NOW_MS)[0]?.seat).toBe(7);
  });
});

describe("withWall", () => {
  it("changes only the seats a message names, and all with a full one", () => {
    const full = withWall(
      EMPTY_WALL,
      wall(bytes([0, 0x11, 80, 90, 1], [1, 0x11, 80, 90, 1]), true),
      NOW_MS,
    );
    const changed = withWall(full, wall(bytes([1, 0x21, 30, 90, 0])), NOW_MS + 250);
    expect(changed.seats.get(0)?.showing).toBe("focused");
    expect(changed.seats.get(1)?.showing).toBe("drifting");
    const fresh = withWall(changed, wall(bytes([1, 0x21, 30, 90, 0]), true), NOW_MS + 500);
    expect([...fresh.seats.keys()]).toEqual([1]);
  });

  it("counts on after the wire stops at 255 seconds", () => {
    let now = withWall(EMPTY_WALL, wall(bytes([0, 0x31, 10, 90, 254]), true), NOW_MS);
    now = withWall(now, wall(bytes([0, 0x31, 10, 90, 255])), NOW_MS + 60_000);
    expect(now.seats.get(0)?.sinceMs).toBe(NOW_MS - 254_000);
  });

  it("begins anew when the state changes", () => {
    let now = withWall(EMPTY_WALL, wall(bytes([0, 0x31, 10, 90, 100]), true), NOW_MS);
    now = withWall(now, wall(bytes([0, 0x11, 90, 90, 0])), NOW_MS + 1000);
    expect(now.seats.get(0)?.sinceMs).toBe(NOW_MS + 1000);
  });

  it("keeps names that came once", () => {
    const seats = [create(SeatSchema, { seat: 3, name: "Ada Lovelace", initials: "AL" })];
    const named = withWall(EMPTY_WALL, wall(bytes(), true, { seats }), NOW_MS);
    const later = withWall(named, wall(bytes([3, 0x11, 90, 90, 0]), true), NOW_MS);
    expect(later.names.get(3)).toEqual({ name: "Ada Lovelace", initials: "AL" });
  });

  it("adds one pulse a second and takes the past from a full message", () => {
    const pulse = (atS: number, median?: number) =>
      create(PulseSchema, {
        atS: BigInt(atS),
        n: 9,
        present: 12,
        ...(median === undefined ? {} : { median }),
      });
    const history = [pulse(10, 0.5), pulse(11, 0.6)];
    let now = withWall(EMPTY_WALL, wall(bytes(), true, { history, pulse: pulse(12, 0.7) }), NOW_MS);
    now = withWall(now, wall(bytes(), false, { pulse: pulse(12, 0.71) }), NOW_MS);
    now = withWall(now, wall(bytes(), false, { pulse: pulse(13) }), NOW_MS);
    expect(now.pulses.map(({ atS }) => atS)).toEqual([10, 11, 12, 13]);
    expect(now.pulses[2]?.median).toBeCloseTo(0.71);
    expect(now.pulses[3]?.median).toBeNull();
  });
});
