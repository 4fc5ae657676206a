/** The lanes under the player: one time axis, one cross-hair, a click seeks. */

import { type PointerEvent, type ReactNode, useCallback, useMemo } from "react";
import {
  drawArea,
  drawGrid,
  drawLine,
  drawStretches,
  type Ink,
  type Pen,
} from "../../lanes/draw.ts";
import { Legend } from "../../lanes/legend.tsx";
import { type Drawing, Plot } from "../../lanes/plot.tsx";
import { type Axis, secondAt, shareTop } from "../../lanes/scale.ts";
import { drawTicks } from "../../lanes/ticks.ts";
import { clock } from "../../lanes/words.ts";
import type { FactRow, Heatmap } from "../../wire/rest.ts";
import { type CrossHair, useLookedAt } from "./cross-hair.ts";
import { LanesTable } from "./lanes-table.tsx";
import { ownAttention, ownStretches } from "./own.ts";
import { attentionAt, ownAt, shareAt, takeaway } from "./values.ts";

const LANE_PX = 48;
const AXIS_PX = 20;

interface LanesProps {
  readonly heatmap: Heatmap;
  readonly facts: readonly FactRow[];
  readonly lengthS: number;
  readonly hair: CrossHair;
  readonly seek: (atS: number) => void;
}

export function Lanes({ heatmap, facts, lengthS, hair, seek }: LanesProps): ReactNode {
  const { seconds, attention, absolute, unique } = heatmap;
  const own = useMemo(() => ownAttention(facts, seconds), [facts, seconds]);
  const stretches = useMemo(() => ownStretches(facts), [facts]);
  const axisOf = useCallback(
    (widthPx: number): Axis => ({ fromS: 0, toS: lengthS, widthPx }),
    [lengthS],
  );
  const lane = { lengthS, hair, seek };
  const top = shareTop(absolute);
  const drawings = useMemo(
    () => ({
      attention: over(axisOf, (pen, axis, heightPx, ink) => {
        drawGrid(pen, axis, heightPx, [0, 0.5, 1], ink);
        drawLine(pen, axis, heightPx, { seconds, values: attention, top: 1 }, ink("--accent"));
      }),
      unique: over(axisOf, (pen, axis, heightPx, ink) => {
        drawArea(pen, axis, heightPx, { seconds, values: unique, top: 1 }, ink("--accent"));
        drawGrid(pen, axis, heightPx, [0, 0.5, 1], ink);
        drawLine(pen, axis, heightPx, { seconds, values: unique, top: 1 }, ink("--accent"));
      }),
      absolute: over(axisOf, (pen, axis, heightPx, ink) => {
        drawGrid(pen, axis, heightPx, [0, 0.5, 1], ink);
        drawLine(pen, axis, heightPx, { seconds, values: absolute, top }, ink("--text-2"));
      }),
      own: over(axisOf, (pen, axis, heightPx, ink) => {
        drawStretches(pen, axis, heightPx - 14, 14, stretches, ink);
        drawLine(pen, axis, heightPx - 18, { seconds, values: own, top: 1 }, ink("--accent"));
      }),
      axis: over(axisOf, (pen, axis, heightPx, ink) => {
        drawTicks(pen, axis, heightPx, ink, CLOCK_TICKS);
      }),
    }),
    [axisOf, seconds, attention, unique, absolute, top, own, stretches],
  );
  return (
    <section aria-labelledby="lanes" className="mt-3">
      <h2 id="lanes" className="sr-only">
        Over the video
      </h2>
      <p className="mb-2 text-text-2">{takeaway(heatmap)}</p>
      <div className="lanes">
        <Lane
          {...lane}
          testId="lane-attention"
          label="Attention"
          unit="class, 0 to 1"
          draw={drawings.attention}
          value={(atS) => attentionAt(heatmap, atS)}
        />
        <Lane
          {...lane}
          testId="lane-unique"
          label="Watched"
          unit="unique, share of starts"
          draw={drawings.unique}
          value={(atS) => shareAt(heatmap.unique, heatmap, atS)}
        />
        <Lane
          {...lane}
          testId="lane-absolute"
          label="Played"
          unit="absolute, with repeats"
          draw={drawings.absolute}
          value={(atS) => shareAt(heatmap.absolute, heatmap, atS)}
        />
        <Lane
          {...lane}
          testId="lane-own"
          label="My own"
          unit="attention and state"
          draw={drawings.own}
          value={(atS) => ownAt(facts, own, atS)}
        />
        <div className="lane" aria-hidden="true">
          <span className="lane-axis-label" />
          <Plot heightPx={AXIS_PX} draw={drawings.axis} label="" />
        </div>
      </div>
      <Legend />
      <LanesTable heatmap={heatmap} own={own} />
    </section>
  );
}

function over(
  axisOf: (widthPx: number) => Axis,
  draw: (pen: Pen, axis: Axis, heightPx: number, ink: Ink) => void,
): Drawing {
  return (pen, widthPx, heightPx, ink) => draw(pen, axisOf(widthPx), heightPx, ink);
}

const CLOCK_TICKS = { gapPx: 72, minStepS: 1, words: clock };

interface LaneProps {
  readonly lengthS: number;
  readonly hair: CrossHair;
  readonly seek: (atS: number) => void;
  readonly testId: string;
  readonly label: string;
  readonly unit: string;
  readonly draw: Drawing;
  readonly value: (atS: number) => readonly [string, string];
}

function Lane({ lengthS, hair, seek, testId, label, unit, draw, value }: LaneProps): ReactNode {
  const second = ({ currentTarget, clientX }: PointerEvent<HTMLElement>): number => {
    const { left, width } = currentTarget.getBoundingClientRect();
    return secondAt({ fromS: 0, toS: lengthS, widthPx: width }, clientX - left);
  };
  return (
    <div className="lane" data-testid={testId}>
      <div className="lane-label">
        {label} <small>{unit}</small>
      </div>
      {/* The pointer's way to seek; the keyboard has the slider on the same axis. */}
      <div
        className="lane-plot"
        onPointerMove={(event) => hair.look(second(event))}
        onPointerLeave={() => hair.look(null)}
        onPointerDown={(event) => seek(second(event))}
      >
        <Plot heightPx={LANE_PX} draw={draw} label={`${label}, ${unit}, over the video`}>
          <Mark hair={hair} lengthS={lengthS} />
        </Plot>
      </div>
      <Value hair={hair} value={value} />
    </div>
  );
}

function Mark({
  hair,
  lengthS,
}: {
  readonly hair: CrossHair;
  readonly lengthS: number;
}): ReactNode {
  const atS = useLookedAt(hair);
  return <span className="plot-mark" style={{ insetInlineStart: `${(atS / lengthS) * 100}%` }} />;
}

function Value({
  hair,
  value,
}: {
  readonly hair: CrossHair;
  readonly value: (atS: number) => readonly [string, string];
}): ReactNode {
  const [figure, meaning] = value(useLookedAt(hair));
  return (
    <div className="lane-value">
      {figure} <small>{meaning}</small>
    </div>
  );
}
