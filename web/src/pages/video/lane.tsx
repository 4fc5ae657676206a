/** One lane: label left, plot on the shared axis, value at the cross-hair right; a click seeks. */

import type { PointerEvent, ReactNode } from "react";
import { type Drawing, Plot } from "../../lanes/plot.tsx";
import { secondAt } from "../../lanes/scale.ts";
import { type CrossHair, useLookedAt } from "./cross-hair.ts";
import type { Words } from "./values.ts";

const HEIGHT_PX = 48;

/** What all lanes of a page share. */
export interface SharedAxis {
  readonly lengthS: number;
  readonly hair: CrossHair;
  readonly seek: (atS: number) => void;
}

interface LaneProps {
  readonly axis: SharedAxis;
  readonly testId: string;
  readonly label: string;
  readonly unit: string;
  readonly draw: Drawing;
  readonly value: (atS: number) => Words;
}

export function Lane({ axis, testId, label, unit, draw, value }: LaneProps): ReactNode {
  const { lengthS, hair, seek } = axis;
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
        <Plot heightPx={HEIGHT_PX} draw={draw} label={`${label}, ${unit}, over the video`}>
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
  readonly value: (atS: number) => Words;
}): ReactNode {
  const [figure, meaning] = value(useLookedAt(hair));
  return (
    <div className="lane-value">
      {figure} <small>{meaning}</small>
    </div>
  );
}
