/** The lanes under the player: one time axis, one cross-hair. */

import { type ReactNode, useMemo } from "react";
import { Legend } from "../../lanes/legend.tsx";
import { Plot } from "../../lanes/plot.tsx";
import type { FactRow, Heatmap } from "../../wire/rest.ts";
import {
  absoluteDrawing,
  attentionDrawing,
  ownDrawing,
  timeDrawing,
  uniqueDrawing,
} from "./drawings.ts";
import { Lane, type SharedAxis } from "./lane.tsx";
import { LanesTable } from "./lanes-table.tsx";
import { ownAttention, ownStretches } from "./own.ts";
import { attentionAt, ownAt, shareAt, takeaway } from "./values.ts";

const AXIS_PX = 20;

interface LanesProps {
  readonly heatmap: Heatmap;
  readonly facts: readonly FactRow[];
  readonly axis: SharedAxis;
}

export function Lanes({ heatmap, facts, axis }: LanesProps): ReactNode {
  const own = useMemo(() => ownAttention(facts, heatmap.seconds), [facts, heatmap.seconds]);
  const time = useMemo(() => timeDrawing(axis.lengthS), [axis.lengthS]);
  return (
    <section aria-labelledby="lanes" className="mt-3">
      <h2 id="lanes" className="sr-only">
        Over the video
      </h2>
      <p className="mb-2 text-text-2">{takeaway(heatmap)}</p>
      <div className="lanes">
        <ClassLanes heatmap={heatmap} axis={axis} />
        <OwnLane seconds={heatmap.seconds} own={own} facts={facts} axis={axis} />
        <div className="lane" aria-hidden="true">
          <span className="lane-axis-label" />
          <Plot heightPx={AXIS_PX} draw={time} label="" />
        </div>
      </div>
      <Legend />
      <LanesTable heatmap={heatmap} own={own} />
    </section>
  );
}

function ClassLanes({
  heatmap,
  axis,
}: {
  readonly heatmap: Heatmap;
  readonly axis: SharedAxis;
}): ReactNode {
  const { lengthS } = axis;
  const attention = useMemo(() => attentionDrawing(heatmap, lengthS), [heatmap, lengthS]);
  const unique = useMemo(() => uniqueDrawing(heatmap, lengthS), [heatmap, lengthS]);
  const absolute = useMemo(() => absoluteDrawing(heatmap, lengthS), [heatmap, lengthS]);
  return (
    <>
      <Lane
        axis={axis}
        testId="lane-attention"
        label="Attention"
        unit="class, 0 to 1"
        draw={attention}
        value={(atS) => attentionAt(heatmap, atS)}
      />
      <Lane
        axis={axis}
        testId="lane-unique"
        label="Watched"
        unit="unique, share of starts"
        draw={unique}
        value={(atS) => shareAt(heatmap.unique, heatmap, atS)}
      />
      <Lane
        axis={axis}
        testId="lane-absolute"
        label="Played"
        unit="absolute, with repeats"
        draw={absolute}
        value={(atS) => shareAt(heatmap.absolute, heatmap, atS)}
      />
    </>
  );
}

interface OwnLaneProps {
  readonly seconds: readonly number[];
  readonly own: readonly (number | null)[];
  readonly facts: readonly FactRow[];
  readonly axis: SharedAxis;
}

function OwnLane({ seconds, own, facts, axis }: OwnLaneProps): ReactNode {
  const { lengthS } = axis;
  const draw = useMemo(
    () => ownDrawing(seconds, own, ownStretches(facts), lengthS),
    [seconds, own, facts, lengthS],
  );
  return (
    <Lane
      axis={axis}
      testId="lane-own"
      label="My own"
      unit="attention and state"
      draw={draw}
      value={(atS) => ownAt(facts, own, atS)}
    />
  );
}
