/**
 * How large the tiles are, so that everyone fits without scrolling.
 *
 * Pure. The largest size that fits wins; nobody fits only when not even the smallest does, then the page scrolls.
 */

export type TileSize = "large" | "medium" | "small";

export interface Grid {
  readonly size: TileSize;
  readonly columns: number;
  readonly tileHeightPx: number;
  readonly rows: number;
}

interface Shape {
  readonly size: TileSize;
  readonly minWidthPx: number;
  readonly minHeightPx: number;
  readonly maxHeightPx: number;
  readonly gapPx: number;
}

const SHAPES: readonly Shape[] = [
  { size: "large", minWidthPx: 200, minHeightPx: 104, maxHeightPx: 168, gapPx: 8 },
  { size: "medium", minWidthPx: 116, minHeightPx: 50, maxHeightPx: 60, gapPx: 8 },
  { size: "small", minWidthPx: 39, minHeightPx: 28, maxHeightPx: 28, gapPx: 3 },
];

/** Lays out `seats` tiles in an area. */
export function gridFor(seats: number, widthPx: number, heightPx: number): Grid {
  let grid: Grid | null = null;
  for (const shape of SHAPES) {
    grid = gridOf(shape, seats, widthPx, heightPx);
    if (neededPx(grid, shape) <= heightPx) return grid;
  }
  return grid ?? { size: "small", columns: 1, tileHeightPx: 28, rows: seats };
}

function gridOf(shape: Shape, seats: number, widthPx: number, heightPx: number): Grid {
  const { size, minWidthPx, minHeightPx, maxHeightPx, gapPx } = shape;
  const most = Math.max(1, Math.floor((widthPx + gapPx) / (minWidthPx + gapPx)));
  const columns = size === "large" ? fullest(seats, most) : most;
  const rows = Math.max(1, Math.ceil(seats / columns));
  const roomPx = Math.floor((heightPx + gapPx) / rows) - gapPx;
  const tileHeightPx = Math.min(maxHeightPx, Math.max(minHeightPx, roomPx));
  return { size, columns, tileHeightPx, rows };
}

/** Few large tiles: of the column counts near the most, the one that leaves the fewest holes. */
function fullest(seats: number, most: number): number {
  if (seats <= most) return Math.max(Math.min(most, 4), seats);
  const holes = (columns: number): number => Math.ceil(seats / columns) * columns - seats;
  const fewer = Math.max(1, most - 1);
  return holes(fewer) < holes(most) ? fewer : most;
}

function neededPx({ rows, tileHeightPx }: Grid, { gapPx }: Shape): number {
  return rows * (tileHeightPx + gapPx) - gapPx;
}

/** Where an arrow key leads from a tile; stays inside. */
export function moved(index: number, key: string, seats: number, columns: number): number {
  switch (key) {
    case "ArrowRight":
      return Math.min(seats - 1, index + 1);
    case "ArrowLeft":
      return Math.max(0, index - 1);
    case "ArrowDown":
      return index + columns < seats ? index + columns : index;
    case "ArrowUp":
      return index - columns >= 0 ? index - columns : index;
    case "Home":
      return index - (index % columns);
    case "End":
      return Math.min(seats - 1, index - (index % columns) + columns - 1);
    default:
      return index;
  }
}
