/** The wall while people are there. */

import {
  type KeyboardEvent,
  type ReactNode,
  useCallback,
  useEffect,
  useRef,
  useState,
} from "react";
import { Figure, Header } from "../../shell/header.tsx";
import { Status } from "../../shell/status.tsx";
import { useNow } from "../../shell/use-now.ts";
import type { Content } from "../../wire/rest.ts";
import type { Viewing, ViewingState } from "../../wire/viewing.ts";
import { figuresOf, type WallFigures } from "./figures.ts";
import { recent } from "./gaps.ts";
import { LookPanel } from "./look-panel.tsx";
import { nextListed } from "./needs-a-look.ts";
import { PeopleTable } from "./people-table.tsx";
import { people, sentence } from "./person.ts";
import { PulseCurve } from "./pulse-curve.tsx";
import { TileGrid, type TileGridHandle } from "./tile-grid.tsx";

type View = "tiles" | "table";

const PHONE = "(max-width: 640px)";

interface LiveWallProps {
  readonly content: Content;
  readonly viewing: Viewing;
  readonly state: ViewingState;
}

export function LiveWall({ content, viewing, state }: LiveWallProps): ReactNode {
  const [view, setView] = useState<View>(() => (matchMedia(PHONE).matches ? "table" : "tiles"));
  const [pointed, setPointed] = useState<number | null>(null);
  const [listed, setListed] = useState<readonly number[]>([]);
  const tiles = useRef<TileGridHandle>(null);
  const now = useNow(1000);
  const wall = viewing.state.live.wall;
  const everyone = people(wall);
  const figures = figuresOf(wall);
  useEffect(
    () => setListed((before) => nextListed(before, people(viewing.state.live.wall), now)),
    [now, viewing],
  );
  const goTo = useCallback((seat: number) => tiles.current?.focus(seat), []);
  const listedPeople = listed.flatMap((seat) => everyone.filter((person) => person.seat === seat));
  const pointedPerson = everyone.find(({ seat }) => seat === pointed);
  const jump = (event: KeyboardEvent): void => {
    const person = listedPeople[Number(event.key) - 1];
    if (person !== undefined) goTo(person.seat);
  };
  return (
    <div className="wall">
      <Header title={content.title} pill={<LivePill line={state.line} />}>
        <Figures figures={figures} />
        <ViewSwitch view={view} choose={setView} />
      </Header>
      <main className="wall-main" onKeyDown={jump}>
        <h2 className="sr-only">Pulse</h2>
        <div className="wall-pulse">
          <PulseCurve
            pulses={recent(wall.pulses)}
            summary={`${figures.pulseLabel} ${figures.pulse}`}
          />
        </div>
        <h2 className="sr-only">Everyone</h2>
        <div className="wall-people" data-view={view}>
          {view === "tiles" ? (
            <TileGrid viewing={viewing} pointed={setPointed} handle={tiles} />
          ) : (
            <PeopleTable people={everyone} nowMs={now} />
          )}
        </div>
        <aside className="wall-side" aria-label="Beside the wall">
          <LookPanel listed={listedPeople} nowMs={now} goTo={goTo} />
          <p className="min-h-15 text-sm text-text-2">
            {pointedPerson === undefined ? "" : sentence(pointedPerson, now)}
          </p>
          <Status text={statusOf(state)} />
        </aside>
      </main>
    </div>
  );
}

function Figures({ figures }: { readonly figures: WallFigures }): ReactNode {
  return (
    <>
      <Figure value={figures.present} label="present" />
      <Figure value={figures.pulse} label={figures.pulseLabel} />
      <Figure value={figures.change} label={figures.changeLabel} />
      <Figure value={figures.drifting} label="drifting" />
    </>
  );
}

function ViewSwitch({
  view,
  choose,
}: {
  readonly view: View;
  readonly choose: (view: View) => void;
}): ReactNode {
  return (
    <fieldset className="switch ms-auto">
      <legend className="sr-only">View</legend>
      <button type="button" aria-pressed={view === "tiles"} onClick={() => choose("tiles")}>
        Tiles
      </button>
      <button type="button" aria-pressed={view === "table"} onClick={() => choose("table")}>
        Table
      </button>
    </fieldset>
  );
}

function LivePill({ line }: { readonly line: ViewingState["line"] }): ReactNode {
  return (
    <span className="pill">
      <span className={line === "open" ? "pill-dot pill-dot-on" : "pill-dot"} aria-hidden="true" />
      {line === "open" ? "live" : "reconnecting"}
    </span>
  );
}

function statusOf({ line, reason, live }: ViewingState): string {
  if (line === "stopped") return reason;
  if (line !== "open")
    return "The connection is lost; reconnecting. The wall shows the last picture.";
  if (live.measuring === "paused") return live.notice || "Not measured now.";
  if (live.measuring === "less_often") return "Checking less often: many people are here.";
  return "";
}
