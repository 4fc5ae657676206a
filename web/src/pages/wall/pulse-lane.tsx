/** The stored pulse as a lane, on the time axis of the people under it. */

import { type ReactNode, useCallback, useMemo } from "react";
import { type Drawing, Plot } from "../../lanes/plot.tsx";
import { decimal } from "../../lanes/words.ts";
import type { PulseRow } from "../../wire/rest.ts";
import { drawPulse } from "./draw-pulse.ts";
import { withGaps } from "./gaps.ts";
import { meanPulse, pointsOf, type Span } from "./stored.ts";

const HEIGHT_PX = 64;

interface PulseLaneProps {
  readonly pulse: readonly PulseRow[];
  readonly span: Span;
  readonly summary: string;
}

export function PulseLane({ pulse, span, summary }: PulseLaneProps): ReactNode {
  const points = useMemo(() => withGaps(pointsOf(pulse)), [pulse]);
  const { fromS, toS } = span;
  const draw = useCallback<Drawing>(
    (pen, widthPx, heightPx, ink) => {
      drawPulse(pen, { fromS, toS, widthPx }, heightPx, ink, points);
    },
    [points, fromS, toS],
  );
  return (
    <div className="lane pulse-lane" data-testid="pulse">
      <div className="lane-label">
        Pulse <small>0 to 1, with quartiles</small>
      </div>
      <Plot heightPx={HEIGHT_PX} draw={draw} label={`Pulse, 0 to 1, over time. ${summary}`} />
      <div className="lane-value">
        {decimal(meanPulse(pulse))} <small>mean</small>
      </div>
    </div>
  );
}
