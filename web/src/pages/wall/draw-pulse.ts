/** The pulse with its band and its dips: (points, axis) → canvas. */

import { drawBand, drawGrid, drawLine, type Ink, type Pen, type Series } from "../../lanes/draw.ts";
import { type Axis, xOf } from "../../lanes/scale.ts";
import type { TickStyle } from "../../lanes/ticks.ts";
import { timeOfDay, timeOfDayExact } from "../../lanes/words.ts";
import type { PulsePoint } from "../../wire/wall.ts";
import { dips } from "./dips.ts";

/** A shorter axis needs seconds in its labels. */
const SHORT_S = 240;

export function drawPulse(
  pen: Pen,
  axis: Axis,
  heightPx: number,
  ink: Ink,
  points: readonly PulsePoint[],
): void {
  const seconds = points.map(({ atS }) => atS);
  const series = (values: (number | null)[]): Series => ({ seconds, values, top: 1 });
  pen.fillStyle = ink("--drifting-tint");
  for (const { fromS, toS } of dips(points)) {
    pen.fillRect(xOf(axis, fromS), 0, xOf(axis, toS) - xOf(axis, fromS), heightPx);
  }
  drawGrid(pen, axis, heightPx, [0, 0.5, 1], ink);
  const low = series(points.map((point) => point.low));
  const high = series(points.map((point) => point.high));
  drawBand(pen, axis, heightPx, low, high, ink);
  const median = series(points.map((point) => point.median));
  drawLine(pen, axis, heightPx, median, ink("--accent"));
}

/** Times of day, as exact as the axis is short. */
export function wallTicks({ fromS, toS }: Axis): TickStyle {
  return toS - fromS < SHORT_S
    ? { gapPx: 110, minStepS: 5, words: timeOfDayExact }
    : { gapPx: 110, minStepS: 60, words: timeOfDay };
}
