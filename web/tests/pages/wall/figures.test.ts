/** Numbers of the header, never bare. */

import { describe, expect, it } from "vitest";
import { figuresOf } from "../../../src/pages/wall/figures.ts";
import { person, pulse, wallOf } from "./people.ts";

describe("figuresOf", () => {
  it("counts who is present of all who came, and who drifts of those present", () => {
    const seats = [
      person(0, "drifting"),
      person(1, "focused"),
      person(2, "left"),
      person(3, "drifting"),
    ];
    const figures = figuresOf(wallOf(seats));
    expect(figures.present).toBe("3 / 4");
    expect(figures.drifting).toBe("2");
  });

  it("tells the pulse with its band, n and time", () => {
    const figures = figuresOf(wallOf([], [pulse(100, 0.74)]));
    expect(figures.pulse).toBe("0.74 (0.64–0.84)");
    expect(figures.pulseLabel).toBe("pulse, n 11, last 15 s");
  });

  it("says that there are too few instead of a number", () => {
    const figures = figuresOf(wallOf([], [pulse(100, null)]));
    expect(figures.pulse).toBe("–");
    expect(figures.pulseLabel).toBe("pulse, too few: n 3");
  });

  it("tells the change over three minutes, or over what there is", () => {
    const long = Array.from({ length: 400 }, (_, i) => pulse(i, 0.9 - i / 1000));
    expect(figuresOf(wallOf([], long)).change).toBe("−0.18");
    expect(figuresOf(wallOf([], long)).changeLabel).toBe("in 3 min");
    expect(figuresOf(wallOf([], long.slice(0, 46))).changeLabel).toBe("in 45 s");
    expect(figuresOf(wallOf([], long.slice(0, 5))).change).toBe("–");
  });
});
