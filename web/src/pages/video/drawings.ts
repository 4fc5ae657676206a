/** What each lane of the video page draws. */

import {
  drawArea,
  drawGrid,
  drawLine,
  drawStretches,
  type Ink,
  type Pen,
  type Series,
  type Stretch,
} from "../../lanes/draw.ts";
import type { Drawing } from "../../lanes/plot.tsx";
import { type Axis, shareTop } from "../../lanes/scale.ts";
import { drawTicks } from "../../lanes/ticks.ts";
import { clock } from "../../lanes/words.ts";
import type { Heatmap } from "../../wire/rest.ts";

const QUARTERS = [0, 0.5, 1];
const STRIP_PX = 14;
const STRIP_GAP_PX = 4;
const TICKS = { gapPx: 72, minStepS: 1, words: clock };

type DrawOnAxis = (pen: Pen, axis: Axis, heightPx: number, ink: Ink) => void;

/** Lays a drawing on the content's time. */
function over(lengthS: number, draw: DrawOnAxis): Drawing {
  return (pen, widthPx, heightPx, ink) =>
    draw(pen, { fromS: 0, toS: lengthS, widthPx }, heightPx, ink);
}

/** A second's value holds to the end of the last second. */
export function toTheEnd(
  seconds: readonly number[],
  values: readonly (number | null)[],
  top: number,
): Series {
  const last = seconds.at(-1);
  if (last === undefined) return { seconds, values, top };
  return { seconds: [...seconds, last + 1], values: [...values, values.at(-1) ?? null], top };
}

export function attentionDrawing({ seconds, attention }: Heatmap, lengthS: number): Drawing {
  const series = toTheEnd(seconds, attention, 1);
  return over(lengthS, (pen, axis, heightPx, ink) => {
    drawGrid(pen, axis, heightPx, QUARTERS, ink);
    drawLine(pen, axis, heightPx, series, ink("--accent"));
  });
}

export function uniqueDrawing({ seconds, unique }: Heatmap, lengthS: number): Drawing {
  const series = toTheEnd(seconds, unique, 1);
  return over(lengthS, (pen, axis, heightPx, ink) => {
    drawArea(pen, axis, heightPx, series, ink("--accent"));
    drawGrid(pen, axis, heightPx, QUARTERS, ink);
    drawLine(pen, axis, heightPx, series, ink("--accent"));
  });
}

export function absoluteDrawing({ seconds, absolute }: Heatmap, lengthS: number): Drawing {
  const series = toTheEnd(seconds, absolute, shareTop(absolute));
  return over(lengthS, (pen, axis, heightPx, ink) => {
    drawGrid(pen, axis, heightPx, QUARTERS, ink);
    drawLine(pen, axis, heightPx, series, ink("--text-2"));
  });
}

export function ownDrawing(
  seconds: readonly number[],
  own: readonly (number | null)[],
  stretches: readonly Stretch[],
  lengthS: number,
): Drawing {
  const series: Series = { seconds, values: own, top: 1 };
  return over(lengthS, (pen, axis, heightPx, ink) => {
    const lineHeight = heightPx - STRIP_PX - STRIP_GAP_PX;
    drawStretches(pen, axis, heightPx - STRIP_PX, STRIP_PX, stretches, ink);
    drawLine(pen, axis, lineHeight, series, ink("--accent"));
  });
}

export function timeDrawing(lengthS: number): Drawing {
  return over(lengthS, (pen, axis, heightPx, ink) => drawTicks(pen, axis, heightPx, ink, TICKS));
}
