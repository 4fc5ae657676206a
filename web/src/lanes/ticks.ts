/** The words of a time axis: (axis, height) → canvas. */

import type { Ink, Pen } from "./draw.ts";
import { type Axis, ticks, xOf } from "./scale.ts";

export interface TickStyle {
  readonly gapPx: number;
  readonly minStepS: number;
  readonly words: (atS: number) => string;
}

/** Half the width of the longest words, pixels: labels at the ends turn inside. */
const EDGE_PX = 28;
const FOOT_PX = 4;

/** Writes times along the foot. */
export function drawTicks(
  pen: Pen,
  axis: Axis,
  heightPx: number,
  ink: Ink,
  { gapPx, minStepS, words }: TickStyle,
): void {
  pen.font = `12px ${getComputedStyle(document.body).fontFamily}`;
  pen.fillStyle = ink("--text-2");
  pen.textBaseline = "alphabetic";
  for (const atS of ticks(axis, gapPx, minStepS)) {
    const x = xOf(axis, atS);
    pen.textAlign = x < EDGE_PX ? "left" : x > axis.widthPx - EDGE_PX ? "right" : "center";
    pen.fillText(words(atS), x, heightPx - FOOT_PX);
  }
}
