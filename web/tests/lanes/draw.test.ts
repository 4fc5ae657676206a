/** Gaps stay gaps, and seconds of one state are one stretch. */

import { describe, expect, it } from "vitest";
import { merged, runs } from "../../src/lanes/draw.ts";

describe("runs", () => {
  it("break at nulls and nowhere else", () => {
    const values = [null, 0, 0.5, null, null, 1];
    const seconds = values.map((_, i) => i);
    expect(runs({ seconds, values, top: 1 })).toEqual([
      [1, 3],
      [5, 6],
    ]);
  });

  it("of nothing are none", () => {
    expect(runs({ seconds: [], values: [], top: 1 })).toEqual([]);
    expect(runs({ seconds: [0], values: [null], top: 1 })).toEqual([]);
  });
});

describe("merged", () => {
  const focused = (fromS: number) => ({ fromS, toS: fromS + 1, showing: "focused" }) as const;
  const away = (fromS: number) => ({ fromS, toS: fromS + 1, showing: "away" }) as const;

  it("joins neighbours of one state", () => {
    expect(merged([focused(0), focused(1), away(2), away(3.02), focused(4)])).toEqual([
      { fromS: 0, toS: 2, showing: "focused" },
      { fromS: 2, toS: 4.02, showing: "away" },
      { fromS: 4, toS: 5, showing: "focused" },
    ]);
  });

  it("keeps holes, jumps back and all time", () => {
    const stretches = [focused(0), focused(5), focused(2)];
    expect(merged(stretches)).toEqual(stretches);
  });
});
