/** People for the tests of the wall. */

import type { Person } from "../../../src/pages/wall/person.ts";
import type { PulsePoint, SeatNow, WallNow } from "../../../src/wire/wall.ts";

export const NOW_MS = 1_800_000_000_000;

export function person(seat: number, showing: Person["showing"], forS = 0): Person {
  return {
    seat,
    showing,
    attention: 0.5,
    handUp: false,
    sinceMs: NOW_MS - forS * 1000,
    name: `Student ${seat}`,
    initials: "ST",
  };
}

export function pulse(atS: number, median: number | null): PulsePoint {
  const band =
    median === null ? { low: null, high: null } : { low: median - 0.1, high: median + 0.1 };
  return { atS, median, ...band, n: median === null ? 3 : 11, present: 12 };
}

export function wallOf(seats: readonly SeatNow[], pulses: readonly PulsePoint[] = []): WallNow {
  return {
    seats: new Map(seats.map((seat) => [seat.seat, seat])),
    names: new Map(),
    pulses,
    isReady: true,
  };
}
