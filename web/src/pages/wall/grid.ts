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
  readonly maxWidthPx: number;
  readonly minHeightPx: number;
  readonly maxHeightPx: number;
  readonly gapPx: number;
}

const LARGE: Shape = {
  size: "large",
  minWidthPx: 200,
  maxWidthPx: 440,
  minHeightPx: 104,
  maxHeightPx: 220,
  gapPx: 8,
};
const MEDIUM: Shape = {
  size: "medium",
  minWidthPx: 116,
  maxWidthPx: 200,
  minHeightPx: 50,
  maxHeightPx: 68,
  gapPx: 8,
};
const SMALL: Shape = {
  size: "small",
  minWidthPx: 39,
  maxWidthPx: 64,
  minHeightPx: 28,
  maxHeightPx: 34,
  gapPx: 3,
};

/** Width over height that a large tile looks best at. */
const BEST_ASPECT = 1.5;

/** Lays out `seats` tiles in an area. */
export function gridFor(seats: number, widthPx: number, heightPx: number): Grid {
  const fitting = [LARGE, MEDIUM, SMALL]
    .map((shape) => fittingGrid(shape, seats, widthPx, heightPx))
    .find((grid) => grid !== null);
  return fitting ?? gridOf(SMALL, seats, mostColumns(SMALL, widthPx), heightPx);
}

/** The best grid of one size that needs no scrolling, or null. */
function fittingGrid(shape: Shape, seats: number, widthPx: number, heightPx: number): Grid | null {
  const { gapPx, maxWidthPx } = shape;
  const fewest = Math.max(1, Math.ceil((widthPx + gapPx) / (maxWidthPx + gapPx)));
  const grids: Grid[] = [];
  for (let columns = fewest; columns <= mostColumns(shape, widthPx); columns += 1) {
    const grid = gridOf(shape, seats, columns, heightPx);
    if (grid.rows * (grid.tileHeightPx + gapPx) - gapPx <= heightPx) grids.push(grid);
  }
  if (shape.size !== "large") return grids[0] ?? null;
  const score = (grid: Grid): number => ugliness(grid, seats, widthPx, gapPx);
  return grids.reduce<Grid | null>(
    (best, grid) => (best === null || score(grid) < score(best) ? grid : best),
    null,
  );
}

/** Odd shapes and holes in the last row. */
function ugliness(
  { columns, rows, tileHeightPx }: Grid,
  seats: number,
  widthPx: number,
  gapPx: number,
): number {
  const tileWidthPx = (widthPx + gapPx) / columns - gapPx;
  const holes = columns * rows - seats;
  return Math.abs(Math.log(tileWidthPx / tileHeightPx / BEST_ASPECT)) + holes / Math.max(1, seats);
}

function mostColumns({ minWidthPx, gapPx }: Shape, widthPx: number): number {
  return Math.max(1, Math.floor((widthPx + gapPx) / (minWidthPx + gapPx)));
}

function gridOf(shape: Shape, seats: number, columns: number, heightPx: number): Grid {
  const { size, minHeightPx, maxHeightPx, gapPx } = shape;
  const rows = Math.max(1, Math.ceil(seats / columns));
  const roomPx = Math.floor((heightPx + gapPx) / rows) - gapPx;
  const tileHeightPx = Math.min(maxHeightPx, Math.max(minHeightPx, roomPx));
  return { size, columns, tileHeightPx, rows };
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
