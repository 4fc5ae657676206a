/**
 * The numbers of the wall's header.
 *
 * Pure. Each comes with what it counts: n, the time it covers, its band.
 */

import { change, decimal, span } from "../../lanes/words.ts";
import type { PulsePoint, WallNow } from "../../wire/wall.ts";

/** The change is against this long ago, seconds. */
export const CHANGE_OVER_S = 180;

export interface WallFigures {
  readonly present: string;
  readonly pulse: string;
  readonly pulseLabel: string;
  readonly change: string;
  readonly changeLabel: string;
  readonly drifting: string;
}

export function figuresOf(wall: WallNow): WallFigures {
  const seats = [...wall.seats.values()];
  const here = seats.filter(({ showing }) => showing !== "left");
  const now = wall.pulses.at(-1);
  const before = now === undefined ? undefined : pointBefore(wall.pulses, now.atS - CHANGE_OVER_S);
  return {
    present: `${here.length} / ${seats.length}`,
    pulse: pulseWords(now),
    pulseLabel: pulseLabel(now),
    ...changeWords(now, before),
    drifting: String(here.filter(({ showing }) => showing === "drifting").length),
  };
}

function pulseWords(now: PulsePoint | undefined): string {
  if (now === undefined || now.median === null) return "–";
  if (now.low === null || now.high === null) return decimal(now.median);
  return `${decimal(now.median)} (${decimal(now.low)}–${decimal(now.high)})`;
}

function pulseLabel(now: PulsePoint | undefined): string {
  if (now === undefined) return "pulse";
  if (now.median === null) return `pulse, too few: n ${now.n}`;
  return `pulse, n ${now.n}, last 15 s`;
}

function changeWords(
  now: PulsePoint | undefined,
  before: PulsePoint | undefined,
): { change: string; changeLabel: string } {
  if (now?.median == null || before?.median == null || now.atS - before.atS < 15) {
    return { change: "–", changeLabel: "in 3 min" };
  }
  return {
    change: change(now.median - before.median),
    changeLabel: `in ${span(now.atS - before.atS)}`,
  };
}

/** The first known pulse at or after a second. */
function pointBefore(pulses: readonly PulsePoint[], fromS: number): PulsePoint | undefined {
  return pulses.find(({ atS, median }) => atS >= fromS && median !== null);
}
