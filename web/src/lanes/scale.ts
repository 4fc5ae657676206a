/**
 * From content time and value to pixels, and back.
 *
 * Pure.
 */

/** The shared axis: content seconds across a width in pixels. */
export interface Axis {
  readonly fromS: number;
  readonly toS: number;
  readonly widthPx: number;
}

const NICE_STEPS_S = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400,
] as const;

export function xOf(axis: Axis, atS: number): number {
  const spanS = axis.toS - axis.fromS;
  return spanS <= 0 ? 0 : ((atS - axis.fromS) / spanS) * axis.widthPx;
}

/** The second under a pixel, within the axis. */
export function secondAt(axis: Axis, xPx: number): number {
  if (axis.widthPx <= 0) return axis.fromS;
  const atS = axis.fromS + (xPx / axis.widthPx) * (axis.toS - axis.fromS);
  return Math.min(axis.toS, Math.max(axis.fromS, atS));
}

/** Pixel row of a value between `low` and `high`, with room for the stroke. */
export function yOf(value: number, low: number, high: number, heightPx: number): number {
  const share = high === low ? 0 : (value - low) / (high - low);
  return 1 + (1 - Math.min(1, Math.max(0, share))) * (heightPx - 2);
}

/** Round seconds for labels, at least `gapPx` and `minStepS` apart. */
export function ticks(axis: Axis, gapPx = 72, minStepS = 1): number[] {
  const spanS = axis.toS - axis.fromS;
  if (spanS <= 0 || axis.widthPx <= 0) return [];
  const wanted = Math.max(minStepS, spanS / Math.max(1, axis.widthPx / gapPx));
  const stepS = NICE_STEPS_S.find((step) => step >= wanted) ?? 86_400;
  const all: number[] = [];
  for (let atS = Math.ceil(axis.fromS / stepS) * stepS; atS <= axis.toS; atS += stepS) {
    all.push(atS);
  }
  return all;
}

/** The top of a share axis: 1, or the next half above the highest value. */
export function shareTop(values: readonly number[]): number {
  const highest = values.reduce((top, value) => Math.max(top, value), 0);
  return highest <= 1 ? 1 : Math.ceil(highest * 2) / 2;
}

/** How many seconds share one row of a table, so that it stays readable. */
export function secondsPerRow(spanS: number, maxRows = 60): number {
  const wanted = spanS / maxRows;
  return NICE_STEPS_S.find((step) => step >= wanted) ?? 86_400;
}
