/** The pulse over time: median with its band, on an axis with numbers. */

import { type ReactNode, useCallback, useMemo } from "react";
import { drawBand, drawGrid, drawLine, type Ink, type Pen, type Series } from "../../lanes/draw.ts";
import { type Drawing, Plot } from "../../lanes/plot.tsx";
import { type Axis, xOf, yOf } from "../../lanes/scale.ts";
import { drawTicks } from "../../lanes/ticks.ts";
import { timeOfDay } from "../../lanes/words.ts";
import type { PulsePoint } from "../../wire/wall.ts";
import { dips } from "./dips.ts";
import { withGaps } from "./gaps.ts";

const HEIGHT_PX = 64;
const AXIS_PX = 16;
/** Labels tell minutes, so none is closer. */
const MINUTE_S = 60;
const GUTTER_PX = 28;
/** The shortest time shown, so that a young lesson does not stretch a few seconds over the screen. */
const MIN_SPAN_S = 180;

interface PulseCurveProps {
  readonly pulses: readonly PulsePoint[];
  readonly summary: string;
  /** Writes a second of the axis. */
  readonly tick?: (atS: number) => string;
}

export function PulseCurve({
  pulses: given,
  summary,
  tick = timeOfDay,
}: PulseCurveProps): ReactNode {
  const pulses = useMemo(() => withGaps(given), [given]);
  const draw = useCallback<Drawing>(
    (pen, widthPx, heightPx, ink) => drawPulse(pen, widthPx, heightPx, ink, pulses, tick),
    [pulses, tick],
  );
  return (
    <div data-testid="pulse">
      <Plot heightPx={HEIGHT_PX} draw={draw} label={`Pulse, 0 to 1, over time. ${summary}`} />
    </div>
  );
}

function drawPulse(
  pen: Pen,
  widthPx: number,
  heightPx: number,
  ink: Ink,
  pulses: readonly PulsePoint[],
  tick: (atS: number) => string,
): void {
  const plotHeight = heightPx - AXIS_PX;
  const toS = pulses.at(-1)?.atS ?? 0;
  const fromS = Math.min(pulses[0]?.atS ?? 0, toS - MIN_SPAN_S);
  const axis: Axis = { fromS, toS, widthPx: widthPx - GUTTER_PX };
  pen.font = `12px ${getComputedStyle(document.body).fontFamily}`;
  drawScale(pen, plotHeight, ink);
  pen.save();
  pen.translate(GUTTER_PX, 0);
  drawDips(pen, axis, plotHeight, ink, pulses);
  drawGrid(pen, axis, plotHeight, [0, 0.5, 1], ink);
  const seconds = pulses.map(({ atS }) => atS);
  const series = (values: (number | null)[]): Series => ({ seconds, values, top: 1 });
  const low = series(pulses.map((point) => point.low));
  const high = series(pulses.map((point) => point.high));
  drawBand(pen, axis, plotHeight, low, high, ink);
  const median = pulses.map((point) => point.median);
  drawLine(pen, axis, plotHeight, series(median), ink("--accent"));
  if (pulses.length > 0)
    drawTicks(pen, axis, heightPx, ink, { gapPx: 120, minStepS: MINUTE_S, words: tick });
  pen.restore();
}

function drawDips(
  pen: Pen,
  axis: Axis,
  plotHeight: number,
  ink: Ink,
  pulses: readonly PulsePoint[],
): void {
  pen.fillStyle = ink("--drifting-tint");
  for (const { fromS, toS } of dips(pulses)) {
    const x = xOf(axis, fromS);
    pen.fillRect(x, 0, xOf(axis, toS) - x, plotHeight);
  }
}

function drawScale(pen: Pen, plotHeight: number, ink: Ink): void {
  pen.fillStyle = ink("--text-2");
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  pen.fillText("1", GUTTER_PX - 6, 6);
  pen.fillText("0.5", GUTTER_PX - 6, yOf(0.5, 0, 1, plotHeight));
  pen.fillText("0", GUTTER_PX - 6, plotHeight - 4);
}
