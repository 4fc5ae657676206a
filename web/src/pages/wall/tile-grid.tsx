/** Where the tiles stand: measures its room, then lets `Tiles` draw. */

import { type ReactNode, type RefObject, useEffect, useImperativeHandle, useRef } from "react";
import { nowMs, type Viewing } from "../../wire/viewing.ts";
import { gridFor } from "./grid.ts";
import { people } from "./person.ts";
import { Tiles } from "./tiles.ts";

const DRAW_EVERY_MS = 250;
/** Of the room, so that a focus ring is not cut. */
const PADDING_PX = 4;
const ONE_COLUMN = "(max-width: 900px)";
const ONE_COLUMN_SHARE = 0.7;

export interface TileGridHandle {
  focus(seat: number): void;
}

interface TileGridProps {
  readonly viewing: Viewing;
  readonly pointed: (seat: number | null) => void;
  readonly handle: RefObject<TileGridHandle | null>;
}

export function TileGrid({ viewing, pointed, handle }: TileGridProps): ReactNode {
  const root = useRef<HTMLDivElement>(null);
  const tiles = useRef<Tiles | null>(null);
  useImperativeHandle(handle, () => ({ focus: (seat) => tiles.current?.focus(seat) }), []);
  useEffect(() => {
    const element = root.current;
    const room = element?.parentElement;
    if (element === null || room == null) return;
    const made = new Tiles(element, pointed);
    tiles.current = made;
    const draw = (): void => {
      const everyone = people(viewing.state.live.wall);
      const widthPx = room.clientWidth - 2 * PADDING_PX;
      const heightPx = roomHeightPx(room);
      made.update(everyone, gridFor(everyone.length, widthPx, heightPx), nowMs());
    };
    draw();
    const timer = setInterval(draw, DRAW_EVERY_MS);
    const sized = new ResizeObserver(draw);
    sized.observe(room);
    return () => {
      clearInterval(timer);
      sized.disconnect();
      element.replaceChildren();
    };
  }, [viewing, pointed]);
  // biome-ignore lint/a11y/useSemanticElements: a grid of tiles, not a table; the table twin is beside it
  return <div ref={root} role="grid" aria-label="Everyone, by seat" className="tiles" />;
}

/** In one column the room is as high as its tiles, so there the window says how high it may be. */
function roomHeightPx(room: HTMLElement): number {
  if (matchMedia(ONE_COLUMN).matches) return innerHeight * ONE_COLUMN_SHARE;
  return room.clientHeight - 2 * PADDING_PX;
}
