/** Everyone fits. */

import { describe, expect, it } from "vitest";
import { gridFor, moved } from "../../../src/pages/wall/grid.ts";

/** The room of the tiles at 1366×768: without header, pulse, side panel and paddings. */
const ROOM = { widthPx: 1054, heightPx: 619 };

function gapOf(size: string): number {
  return size === "small" ? 3 : 8;
}

describe("gridFor", () => {
  it("puts 500 people into 25 columns of 39×28 at the design size", () => {
    const grid = gridFor(500, ROOM.widthPx, ROOM.heightPx);
    expect(grid).toEqual({ size: "small", columns: 25, rows: 20, tileHeightPx: 28 });
  });

  it("gives twelve people large tiles without holes", () => {
    const grid = gridFor(12, ROOM.widthPx, ROOM.heightPx);
    expect(grid.size).toBe("large");
    expect(grid.columns * grid.rows).toBe(12);
  });

  it("uses the room of a large screen: wide tiles, not empty space", () => {
    const grid = gridFor(500, 1608, 931);
    expect(grid.columns).toBe(25);
    expect(gridFor(12, 1608, 931)).toMatchObject({ columns: 4, rows: 3, size: "large" });
  });

  it("gives one person one tile of a sane size", () => {
    const grid = gridFor(1, ROOM.widthPx, ROOM.heightPx);
    expect(grid.tileHeightPx).toBeLessThanOrEqual(220);
    expect(ROOM.widthPx / grid.columns).toBeLessThanOrEqual(450);
  });

  it("never scrolls where a smaller size would fit", () => {
    for (let seats = 1; seats <= 500; seats += 1) {
      const { size, rows, columns, tileHeightPx } = gridFor(seats, ROOM.widthPx, ROOM.heightPx);
      const neededPx = rows * (tileHeightPx + gapOf(size)) - gapOf(size);
      expect(neededPx, `${seats} seats`).toBeLessThanOrEqual(ROOM.heightPx);
      expect(rows * columns, `${seats} seats`).toBeGreaterThanOrEqual(seats);
    }
  });

  it("falls back to small tiles and scrolling when nothing fits", () => {
    const grid = gridFor(500, 340, 300);
    expect(grid.size).toBe("small");
    expect(grid.tileHeightPx).toBe(28);
  });

  it("survives an empty room", () => {
    expect(gridFor(0, 0, 0).columns).toBe(1);
  });
});

describe("moved", () => {
  it("walks inside and stops at the edges", () => {
    expect(moved(0, "ArrowLeft", 12, 4)).toBe(0);
    expect(moved(0, "ArrowDown", 12, 4)).toBe(4);
    expect(moved(9, "ArrowDown", 12, 4)).toBe(9);
    expect(moved(2, "ArrowUp", 12, 4)).toBe(2);
    expect(moved(11, "ArrowRight", 12, 4)).toBe(11);
    expect(moved(6, "Home", 12, 4)).toBe(4);
    expect(moved(9, "End", 10, 4)).toBe(9);
    expect(moved(5, "x", 12, 4)).toBe(5);
  });
});
