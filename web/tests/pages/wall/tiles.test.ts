// @vitest-environment happy-dom
/** Tiles: one tab stop, arrows inside, everything in the accessible name. */

import { beforeEach, describe, expect, it } from "vitest";
import { Tiles } from "../../../src/pages/wall/tiles.ts";
import { NOW_MS, person } from "./people.ts";

const GRID = { size: "small", columns: 2, tileHeightPx: 28, rows: 2 } as const;

function cells(root: HTMLElement): HTMLElement[] {
  return [...root.querySelectorAll<HTMLElement>("[data-testid=wall-tile]")];
}

describe("Tiles", () => {
  let root: HTMLElement;
  let tiles: Tiles;

  beforeEach(() => {
    document.body.replaceChildren();
    root = document.createElement("div");
    document.body.append(root);
    tiles = new Tiles(root, () => undefined);
    tiles.update(
      [person(0, "focused"), person(1, "drifting", 40), person(2, "left")],
      GRID,
      NOW_MS,
    );
  });

  it("carry seat, state and the whole truth in words", () => {
    const second = cells(root)[1];
    expect(second?.dataset.seat).toBe("1");
    expect(second?.dataset.state).toBe("drifting");
    expect(second?.getAttribute("aria-label")).toBe(
      "Student 1, seat 2, drifting 0:40, attention 0.50",
    );
    expect(second?.querySelector("svg")).not.toBeNull();
  });

  it("stand in rows of the grid", () => {
    const rows = [...root.querySelectorAll("[role=row]")].map(({ children }) => children.length);
    expect(rows).toEqual([2, 1]);
  });

  it("have one tab stop, and arrows move it", () => {
    const stops = (): (string | undefined)[] =>
      cells(root)
        .filter(({ tabIndex }) => tabIndex === 0)
        .map(({ dataset }) => dataset.seat);
    expect(stops()).toEqual(["0"]);
    root.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown" }));
    expect(stops()).toEqual(["2"]);
    expect((document.activeElement as HTMLElement).dataset.seat).toBe("2");
  });

  it("keep their elements when states change", () => {
    const before = cells(root);
    tiles.update([person(0, "away"), person(1, "focused"), person(2, "left")], GRID, NOW_MS);
    expect(cells(root)).toEqual(before);
    expect(before[0]?.dataset.state).toBe("away");
    expect(before[1]?.querySelector("svg")).toBeNull();
  });
});
