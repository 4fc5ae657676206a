/** The last five minutes: attention as a line, state as colour and pattern under it. */

import { type ReactNode, useCallback, useMemo } from "react";
import { drawGrid, drawLine, drawStretches, merged, type Stretch } from "../../lanes/draw.ts";
import { Legend } from "../../lanes/legend.tsx";
import { type Drawing, Plot } from "../../lanes/plot.tsx";
import { TableTwin } from "../../lanes/table-twin.tsx";
import { clock, decimal } from "../../lanes/words.ts";
import { look } from "../../states/showing.ts";
import { TRAIL_S, type TrailPoint } from "../../wire/fold.ts";

const STRIP_PX = 14;
const HEIGHT_PX = 88;

interface TrailLaneProps {
  readonly trail: readonly TrailPoint[];
  readonly nowS: number;
}

export function TrailLane({ trail, nowS }: TrailLaneProps): ReactNode {
  const draw = useCallback<Drawing>(
    (pen, widthPx, heightPx, ink) => {
      const axis = { fromS: nowS - TRAIL_S, toS: nowS, widthPx };
      const lineHeight = heightPx - STRIP_PX - 6;
      const { seconds, values } = perSecond(trail, nowS);
      drawGrid(pen, axis, lineHeight, [0, 0.5, 1], ink);
      drawLine(pen, axis, lineHeight, { seconds, values, top: 1 }, ink("--accent"));
      drawStretches(pen, axis, heightPx - STRIP_PX, STRIP_PX, stretchesOf(trail), ink);
    },
    [trail, nowS],
  );
  const rows = useMemo(() => [...trail].reverse(), [trail]);
  return (
    <section className="panel p-6" aria-labelledby="trail">
      <h2 id="trail" className="heading">
        Last five minutes
      </h2>
      <p className="mb-3 text-text-2">{takeaway(trail)}</p>
      <Plot heightPx={HEIGHT_PX} draw={draw} label={`Last five minutes. ${takeaway(trail)}`} />
      <p className="mt-1 mb-3 flex justify-between text-xs text-text-2">
        <span>5 min ago</span>
        <span>attention 0 to 1, state under it</span>
        <span>now</span>
      </p>
      <Legend />
      <TableTwin
        caption="Attention and state, second by second, newest first"
        columns={["Before now", "State", "Attention"]}
        rows={rows.map(({ atS, showing, attention }) => [
          clock(nowS - atS),
          look(showing).word,
          decimal(attention),
        ])}
      />
    </section>
  );
}

function takeaway(trail: readonly TrailPoint[]): string {
  if (trail.length === 0) return "Nothing measured yet.";
  const focused = trail.filter(({ showing }) => showing === "focused").length;
  return `Focused in ${clock(focused)} of ${clock(trail.length)} measured.`;
}

/** One value a second, null where nothing was measured. */
function perSecond(
  trail: readonly TrailPoint[],
  nowS: number,
): { seconds: number[]; values: (number | null)[] } {
  const known = new Map(trail.map((point) => [point.atS, point.attention]));
  const seconds = Array.from({ length: TRAIL_S + 1 }, (_, i) => nowS - TRAIL_S + i);
  return { seconds, values: seconds.map((second) => known.get(second) ?? null) };
}

function stretchesOf(trail: readonly TrailPoint[]): Stretch[] {
  return merged(trail.map(({ atS, showing }) => ({ fromS: atS, toS: atS + 1, showing })));
}
