/**
 * Where the pulse was clearly below its usual height.
 *
 * Pure. Usual is the median of what is shown; a dip is at least 0.05 below it for at least 20 seconds.
 */

import type { PulsePoint } from "../../wire/wall.ts";

const BELOW_USUAL = 0.05;
const SHORTEST_S = 20;

export interface Dip {
  readonly fromS: number;
  readonly toS: number;
}

export function dips(pulses: readonly PulsePoint[]): Dip[] {
  const usual = usualOf(pulses);
  if (usual === null) return [];
  const found: Dip[] = [];
  let fromS: number | null = null;
  let toS = 0;
  const finish = (): void => {
    if (fromS !== null && toS - fromS >= SHORTEST_S) found.push({ fromS, toS });
    fromS = null;
  };
  for (const { atS, median } of pulses) {
    if (median !== null && median <= usual - BELOW_USUAL) {
      fromS ??= atS;
      toS = atS;
    } else finish();
  }
  finish();
  return found;
}

function usualOf(pulses: readonly PulsePoint[]): number | null {
  const medians = pulses.flatMap(({ median }) => (median === null ? [] : [median]));
  medians.sort((a, b) => a - b);
  return medians[Math.floor(medians.length / 2)] ?? null;
}
