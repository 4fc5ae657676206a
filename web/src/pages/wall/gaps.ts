/**
 * Where the pulse has holes, and how far back the live curve goes.
 *
 * Pure.
 */

import type { PulsePoint } from "../../wire/wall.ts";

/** Points further apart than this are not joined by a line, seconds. */
const HOLE_S = 30;
/** A lesson's length: what came before is in the stored view, seconds. */
const RECENT_S = 45 * 60;

/** Puts a point without a value into each hole, so that the line breaks there. */
export function withGaps(pulses: readonly PulsePoint[]): PulsePoint[] {
  return pulses.flatMap((point, i) => {
    const before = pulses[i - 1];
    if (before === undefined || point.atS - before.atS <= HOLE_S) return [point];
    return [{ atS: before.atS + 1, median: null, low: null, high: null, n: 0, present: 0 }, point];
  });
}

export function recent(pulses: readonly PulsePoint[]): readonly PulsePoint[] {
  const fromS = (pulses.at(-1)?.atS ?? 0) - RECENT_S;
  return pulses.filter(({ atS }) => atS >= fromS);
}
