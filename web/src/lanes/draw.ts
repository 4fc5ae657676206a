/**
 * What a lane draws: (data, axis, height) → canvas.
 *
 * A null is a gap: nothing is drawn where nothing was measured.
 */

import type { Showing } from "../states/showing.ts";
import { look } from "../states/showing.ts";
import { type Axis, xOf, yOf } from "./scale.ts";

/** Seconds of one state this close are one stretch. */
const SEAM_S = 0.3;

export type Pen = CanvasRenderingContext2D;
/** Colour of a custom property such as "--accent". */
export type Ink = (token: string) => string;

/** Values at seconds; both of one length. */
export interface Series {
  readonly seconds: readonly number[];
  readonly values: readonly (number | null)[];
  /** Value at the top of the lane; the foot is 0. */
  readonly top: number;
}

export interface Stretch {
  readonly fromS: number;
  readonly toS: number;
  readonly showing: Showing;
}

/** Joins neighbours of one state, so that seconds leave no seams. */
export function merged(stretches: readonly Stretch[]): Stretch[] {
  const joined: Stretch[] = [];
  for (const next of stretches) {
    const before = joined.at(-1);
    const touches = before !== undefined && Math.abs(next.fromS - before.toS) < SEAM_S;
    if (touches && before.showing === next.showing) {
      joined[joined.length - 1] = { ...before, toS: next.toS };
    } else joined.push(next);
  }
  return joined;
}

/** Hairlines at the given values. */
export function drawGrid(
  pen: Pen,
  axis: Axis,
  heightPx: number,
  values: readonly number[],
  ink: Ink,
): void {
  pen.strokeStyle = ink("--line");
  pen.lineWidth = 1;
  for (const value of values) {
    const y = Math.round(yOf(value, 0, 1, heightPx)) + 0.5;
    pen.beginPath();
    pen.moveTo(0, y);
    pen.lineTo(axis.widthPx, y);
    pen.stroke();
  }
}

/** A line that breaks at nulls. */
export function drawLine(
  pen: Pen,
  axis: Axis,
  heightPx: number,
  series: Series,
  color: string,
): void {
  pen.strokeStyle = color;
  pen.lineWidth = 1.75;
  pen.lineJoin = "round";
  pen.lineCap = "round";
  for (const run of runs(series)) {
    pen.beginPath();
    trace(pen, axis, heightPx, series, run);
    pen.stroke();
  }
}

/** How much of its colour an area keeps, so that the line on it stands out in both themes. */
const AREA_OPACITY = 0.2;

/** A filled area under a line. */
export function drawArea(
  pen: Pen,
  axis: Axis,
  heightPx: number,
  series: Series,
  color: string,
): void {
  pen.save();
  pen.globalAlpha = AREA_OPACITY;
  pen.fillStyle = color;
  for (const [from, to] of runs(series)) {
    pen.beginPath();
    pen.moveTo(xOf(axis, series.seconds[from] ?? 0), heightPx);
    for (let i = from; i < to; i += 1) {
      pen.lineTo(
        xOf(axis, series.seconds[i] ?? 0),
        yOf(series.values[i] ?? 0, 0, series.top, heightPx),
      );
    }
    pen.lineTo(xOf(axis, series.seconds[to - 1] ?? 0), heightPx);
    pen.fill();
  }
  pen.restore();
}

/** The area between two lines, for an interval or a typical range. */
export function drawBand(
  pen: Pen,
  axis: Axis,
  heightPx: number,
  low: Series,
  high: Series,
  ink: Ink,
): void {
  for (const [from, to] of runs(low)) {
    pen.beginPath();
    trace(pen, axis, heightPx, high, [from, to]);
    for (let i = to - 1; i >= from; i -= 1) {
      pen.lineTo(xOf(axis, low.seconds[i] ?? 0), yOf(low.values[i] ?? 0, 0, low.top, heightPx));
    }
    pen.closePath();
    pen.fillStyle = ink("--surface-2");
    pen.fill();
    pen.strokeStyle = ink("--line");
    pen.lineWidth = 1;
    pen.stroke();
  }
}

/** Heat: one column a second, the darker the more; gaps stay empty. */
export function drawHeat(pen: Pen, axis: Axis, heightPx: number, series: Series, ink: Ink): void {
  series.seconds.forEach((second, i) => {
    const value = series.values[i];
    if (value === null || value === undefined) return;
    const nextS = series.seconds[i + 1] ?? second + 1;
    const x = Math.floor(xOf(axis, second));
    pen.fillStyle = ink(`--heat-${1 + Math.min(5, Math.floor((value / series.top) * 6))}`);
    pen.fillRect(x, 0, Math.max(1, Math.ceil(xOf(axis, nextS)) - x), heightPx);
  });
}

/** Stretches of state: colour and pattern, never colour alone. The usual is quiet, a thin bar at the foot. */
export function drawStretches(
  pen: Pen,
  axis: Axis,
  topPx: number,
  heightPx: number,
  stretches: readonly Stretch[],
  ink: Ink,
): void {
  for (const { fromS, toS, showing } of stretches) {
    const x = xOf(axis, fromS);
    const width = Math.max(1, xOf(axis, toS) - x);
    pen.save();
    pen.beginPath();
    pen.rect(x, topPx, width, heightPx);
    pen.clip();
    drawPattern(pen, x, topPx, width, heightPx, showing, ink);
    pen.restore();
  }
}

function drawPattern(
  pen: Pen,
  x: number,
  y: number,
  width: number,
  height: number,
  showing: Showing,
  ink: Ink,
): void {
  pen.fillStyle = pen.strokeStyle = ink(look(showing).color);
  switch (showing) {
    case "focused":
      pen.fillRect(x, y + height - 3, width, 3);
      break;
    case "drifting":
      pen.fillRect(x, y, width, height);
      break;
    case "away":
      pen.fillRect(x, y + height / 2, width, height / 2);
      break;
    case "eyes_closed":
      pen.fillRect(x, y + height / 2, width, 2);
      pen.fillRect(x, y + height - 2, width, 2);
      break;
    case "absent":
      drawHatch(pen, x, y, width, height, 1);
      break;
    case "tab_hidden":
      drawHatch(pen, x, y, width, height, -1);
      break;
    case "unknown":
      for (let dot = x - (x % 5); dot < x + width; dot += 5)
        pen.fillRect(dot, y + height - 2, 2, 2);
      break;
    case "camera_off":
    case "left":
      break;
  }
}

/** Slanted lines; `lean` 1 leans forward, -1 backward. */
function drawHatch(
  pen: Pen,
  x: number,
  y: number,
  width: number,
  height: number,
  lean: 1 | -1,
): void {
  pen.lineWidth = 1.25;
  pen.beginPath();
  const start = x - (x % 5) - height;
  for (let at = start; at < x + width + height; at += 5) {
    pen.moveTo(at, lean === 1 ? y + height : y);
    pen.lineTo(at + height, lean === 1 ? y : y + height);
  }
  pen.stroke();
}

function trace(
  pen: Pen,
  axis: Axis,
  heightPx: number,
  series: Series,
  [from, to]: readonly [number, number],
): void {
  for (let i = from; i < to; i += 1) {
    const x = xOf(axis, series.seconds[i] ?? 0);
    const y = yOf(series.values[i] ?? 0, 0, series.top, heightPx);
    if (i === from) pen.moveTo(x, y);
    else pen.lineTo(x, y);
  }
}

/** Index ranges `[from, to)` without nulls. */
export function runs(series: Series): [number, number][] {
  const found: [number, number][] = [];
  let from = -1;
  series.values.forEach((value, i) => {
    if (value !== null && from < 0) from = i;
    if (value === null && from >= 0) {
      found.push([from, i]);
      from = -1;
    }
  });
  if (from >= 0) found.push([from, series.values.length]);
  return found;
}
