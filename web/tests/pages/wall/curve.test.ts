/** Dips and holes of the pulse. */

import { describe, expect, it } from "vitest";
import { dips } from "../../../src/pages/wall/dips.ts";
import { withGaps } from "../../../src/pages/wall/gaps.ts";
import { pulse } from "./people.ts";

describe("dips", () => {
  it("finds what is clearly below the usual for long enough", () => {
    const line = Array.from({ length: 300 }, (_, i) => pulse(i, i >= 200 && i < 240 ? 0.6 : 0.8));
    expect(dips(line)).toEqual([{ fromS: 200, toS: 239 }]);
  });

  it("ignores what is short or shallow", () => {
    const line = Array.from({ length: 300 }, (_, i) =>
      pulse(i, i > 50 && i < 60 ? 0.5 : i > 100 && i < 160 ? 0.77 : 0.8),
    );
    expect(dips(line)).toEqual([]);
  });

  it("finds none without a pulse", () => {
    expect(dips([pulse(0, null), pulse(1, null)])).toEqual([]);
  });
});

describe("withGaps", () => {
  it("breaks the line where nothing was measured for a while", () => {
    const line = withGaps([pulse(0, 0.8), pulse(1, 0.8), pulse(600, 0.7)]);
    expect(line.map(({ atS, median }) => [atS, median])).toEqual([
      [0, 0.8],
      [1, 0.8],
      [2, null],
      [600, 0.7],
    ]);
  });
});
