/** From time to pixels and back. */

import { describe, expect, it } from "vitest";
import { secondAt, secondsPerRow, shareTop, ticks, xOf, yOf } from "../../src/lanes/scale.ts";

const AXIS = { fromS: 0, toS: 60, widthPx: 600 };

describe("the axis", () => {
  it("goes there and back", () => {
    for (const second of [0, 7.5, 30, 60]) {
      expect(secondAt(AXIS, xOf(AXIS, second))).toBeCloseTo(second);
    }
  });

  it("keeps a pointer outside of it inside", () => {
    expect(secondAt(AXIS, -50)).toBe(0);
    expect(secondAt(AXIS, 9999)).toBe(60);
  });

  it("survives having no length and no width", () => {
    expect(xOf({ fromS: 5, toS: 5, widthPx: 600 }, 5)).toBe(0);
    expect(secondAt({ ...AXIS, widthPx: 0 }, 10)).toBe(0);
    expect(ticks({ fromS: 5, toS: 5, widthPx: 600 })).toEqual([]);
  });
});

describe("ticks", () => {
  it("are round and far enough apart to be read", () => {
    for (const toS of [7, 60, 400, 3600, 20_000]) {
      const axis = { fromS: 0, toS, widthPx: 700 };
      const found = ticks(axis, 72);
      expect(found.length).toBeGreaterThan(1);
      const gapPx = xOf(axis, found[1] ?? 0) - xOf(axis, found[0] ?? 0);
      expect(gapPx).toBeGreaterThanOrEqual(72);
    }
  });

  it("are not closer than asked in seconds", () => {
    expect(ticks({ fromS: 0, toS: 120, widthPx: 2000 }, 72, 60)).toEqual([0, 60, 120]);
  });
});

describe("values", () => {
  it("stand between foot and top, and never outside", () => {
    expect(yOf(0, 0, 1, 48)).toBe(47);
    expect(yOf(1, 0, 1, 48)).toBe(1);
    expect(yOf(7, 0, 1, 48)).toBe(1);
  });

  it("have a top of one, or of the next half above", () => {
    expect(shareTop([0.2, 0.9])).toBe(1);
    expect(shareTop([0.2, 1.3])).toBe(1.5);
    expect(shareTop([])).toBe(1);
  });

  it("share rows of a table that stays readable", () => {
    expect(secondsPerRow(60)).toBe(1);
    expect(secondsPerRow(3600)).toBe(60);
  });
});
