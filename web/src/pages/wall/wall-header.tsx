/** The wall's header: four figures, the view, and whether it is live. */

import type { ReactNode } from "react";
import { Figure, Header } from "../../shell/header.tsx";
import type { LineState } from "../../wire/line.ts";
import type { WallFigures } from "./figures.ts";

export type View = "tiles" | "table";

interface WallHeaderProps {
  readonly title: string;
  readonly figures: WallFigures;
  readonly view: View;
  readonly choose: (view: View) => void;
  readonly line: LineState;
}

export function WallHeader({ title, figures, view, choose, line }: WallHeaderProps): ReactNode {
  return (
    <Header title={title} pill={<LivePill line={line} />}>
      <Figure value={figures.present} label="present" />
      <Figure value={figures.pulse} label={figures.pulseLabel} />
      <Figure value={figures.change} label={figures.changeLabel} />
      <Figure value={figures.drifting} label="drifting" />
      <fieldset className="switch ms-auto">
        <legend className="sr-only">View</legend>
        <button type="button" aria-pressed={view === "tiles"} onClick={() => choose("tiles")}>
          Tiles
        </button>
        <button type="button" aria-pressed={view === "table"} onClick={() => choose("table")}>
          Table
        </button>
      </fieldset>
    </Header>
  );
}

function LivePill({ line }: { readonly line: LineState }): ReactNode {
  return (
    <span className="pill">
      <span className={line === "open" ? "pill-dot pill-dot-on" : "pill-dot"} aria-hidden="true" />
      {line === "open" ? "live" : "reconnecting"}
    </span>
  );
}
