/** The live pulse over time: median with its band, on an axis with numbers. */

import { type ReactNode, useCallback, useMemo } from "react";
import type { Ink, Pen } from "../../lanes/draw.ts";
import { type Drawing, Plot } from "../../lanes/plot.tsx";
import { type Axis, yOf } from "../../lanes/scale.ts";
import { drawTicks } from "../../lanes/ticks.ts";
import type { PulsePoint } from "../../wire/wall.ts";
import { drawPulse, wallTicks } from "./draw-pulse.ts";
import { withGaps } from "./gaps.ts";

const HEIGHT_PX = 64;
const AXIS_PX = 16;
const GUTTER_PX = 28;
/** The shortest time shown, so that a young lesson does not stretch a few seconds over the screen. */
const MIN_SPAN_S = 60;

interface PulseCurveProps {
  readonly pulses: readonly PulsePoint[];
  readonly summary: string;
}

export function PulseCurve({ pulses, summary }: PulseCurveProps): ReactNode {
  const points = useMemo(() => withGaps(pulses), [pulses]);
  const draw = useCallback<Drawing>(
    (pen, widthPx, heightPx, ink) => drawCurve(pen, widthPx, heightPx, ink, points),
    [points],
  );
  return (
    <div data-testid="pulse">
      <Plot heightPx={HEIGHT_PX} draw={draw} label={`Pulse, 0 to 1, over time. ${summary}`} />
    </div>
  );
}

function drawCurve(
  pen: Pen,
  widthPx: number,
  heightPx: number,
  ink: Ink,
  points: readonly PulsePoint[],
): void {
  const plotHeight = heightPx - AXIS_PX;
  const toS = points.at(-1)?.atS ?? 0;
  const fromS = Math.min(points[0]?.atS ?? 0, toS - MIN_SPAN_S);
  const axis: Axis = { fromS, toS, widthPx: widthPx - GUTTER_PX };
  drawScale(pen, plotHeight, ink);
  pen.save();
  pen.translate(GUTTER_PX, 0);
  drawPulse(pen, axis, plotHeight, ink, points);
  if (points.length > 0) drawTicks(pen, axis, heightPx, ink, wallTicks(axis));
  pen.restore();
}

function drawScale(pen: Pen, plotHeight: number, ink: Ink): void {
  pen.font = `12px ${getComputedStyle(document.body).fontFamily}`;
  pen.fillStyle = ink("--text-2");
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  pen.fillText("1", GUTTER_PX - 6, 6);
  pen.fillText("0.5", GUTTER_PX - 6, yOf(0.5, 0, 1, plotHeight));
  pen.fillText("0", GUTTER_PX - 6, plotHeight - 4);
}
