/** Times of day under the lanes of the stored wall. */

import { type ReactNode, useCallback } from "react";
import { type Drawing, Plot } from "../../lanes/plot.tsx";
import { drawTicks } from "../../lanes/ticks.ts";
import { wallTicks } from "./draw-pulse.ts";
import type { Span } from "./stored.ts";

const HEIGHT_PX = 20;

export function TimeAxis({ span }: { readonly span: Span }): ReactNode {
  const { fromS, toS } = span;
  const draw = useCallback<Drawing>(
    (pen, widthPx, heightPx, ink) => {
      const axis = { fromS, toS, widthPx };
      drawTicks(pen, axis, heightPx, ink, wallTicks(axis));
    },
    [fromS, toS],
  );
  return (
    <div className="lane" aria-hidden="true">
      <span className="lane-axis-label" />
      <Plot heightPx={HEIGHT_PX} draw={draw} label="" />
    </div>
  );
}
