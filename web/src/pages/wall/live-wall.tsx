/** The wall while people are there. */

import { type KeyboardEvent, memo, type ReactNode, useCallback, useRef, useState } from "react";
import { Status } from "../../shell/status.tsx";
import type { Measuring } from "../../wire/fold.ts";
import type { LineState } from "../../wire/line.ts";
import type { Viewing } from "../../wire/viewing.ts";
import { LookPanel } from "./look-panel.tsx";
import { PeopleTable } from "./people-table.tsx";
import { sentence } from "./person.ts";
import { PulseCurve } from "./pulse-curve.tsx";
import { statusOf } from "./status-text.ts";
import { TileGrid, type TileGridHandle } from "./tile-grid.tsx";
import { useWall } from "./use-wall.ts";
import { type View, WallHeader } from "./wall-header.tsx";

const PHONE = "(max-width: 640px)";

interface LiveWallProps {
  readonly title: string;
  readonly viewing: Viewing;
  readonly line: LineState;
  readonly measuring: Measuring;
}

/** Drawn again once a second; only the tiles are quicker, and they draw themselves. */
export const LiveWall = memo(function LiveWall(props: LiveWallProps): ReactNode {
  const { title, viewing, line, measuring } = props;
  const [view, setView] = useState<View>(() => (matchMedia(PHONE).matches ? "table" : "tiles"));
  const [pointed, setPointed] = useState<number | null>(null);
  const tiles = useRef<TileGridHandle>(null);
  const { nowMs, everyone, figures, pulses, listed } = useWall(viewing);
  const goTo = useCallback((seat: number) => {
    if (tiles.current !== null) tiles.current.focus(seat);
    else document.getElementById(`seat-${seat}`)?.focus();
  }, []);
  const jump = ({ key }: KeyboardEvent): void => {
    const person = listed[Number(key) - 1];
    if (person !== undefined) goTo(person.seat);
  };
  const pointedAt = everyone.find(({ seat }) => seat === pointed);
  return (
    <div className="wall">
      <WallHeader title={title} figures={figures} view={view} choose={setView} line={line} />
      <main className="wall-main" onKeyDown={jump}>
        <h2 className="sr-only">Pulse</h2>
        <div className="wall-pulse">
          <PulseCurve pulses={pulses} summary={`${figures.pulseLabel} ${figures.pulse}`} />
        </div>
        <h2 className="sr-only">Everyone</h2>
        <div className="wall-people" data-view={view}>
          {view === "tiles" ? (
            <TileGrid viewing={viewing} pointed={setPointed} handle={tiles} />
          ) : (
            <PeopleTable people={everyone} nowMs={nowMs} />
          )}
        </div>
        <aside className="wall-side" aria-label="Beside the wall">
          <LookPanel listed={listed} nowMs={nowMs} goTo={goTo} />
          <p className="min-h-15 text-sm text-text-2">
            {pointedAt === undefined ? "" : sentence(pointedAt, nowMs)}
          </p>
          <Status text={statusOf(line, measuring)} />
        </aside>
      </main>
    </div>
  );
});
