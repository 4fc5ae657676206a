/** What the patterns of a state lane mean. */

import { type ReactNode, useCallback } from "react";
import { look, SHOWINGS, type Showing } from "../states/showing.ts";
import { drawStretches } from "./draw.ts";
import { type Drawing, Plot } from "./plot.tsx";

/** States that leave something to see in a lane. */
const DRAWN = SHOWINGS.filter((showing) => showing !== "camera_off" && showing !== "left");

export function Legend(): ReactNode {
  return (
    <ul className="legend" aria-label="What the patterns mean">
      {DRAWN.map((showing) => (
        <li key={showing}>
          <Swatch showing={showing} />
          {look(showing).word}
        </li>
      ))}
    </ul>
  );
}

function Swatch({ showing }: { readonly showing: Showing }): ReactNode {
  const draw = useCallback<Drawing>(
    (pen, widthPx, heightPx, ink) => {
      const axis = { fromS: 0, toS: 1, widthPx };
      drawStretches(pen, axis, 0, heightPx, [{ fromS: 0, toS: 1, showing }], ink);
    },
    [showing],
  );
  return <Plot heightPx={12} draw={draw} label="" />;
}
