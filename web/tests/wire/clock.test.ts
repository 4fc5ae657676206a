/** The gateway's clock, seen from here. */

import { describe, expect, it } from "vitest";
import { NO_CLOCK, withPong, withWelcome } from "../../src/wire/clock.ts";

const AHEAD_US = 3_000_000;

describe("withPong", () => {
  it("finds the offset exactly when both ways take the same time", () => {
    const clock = withPong(NO_CLOCK, 1_000_000, 1_040_000 + AHEAD_US, 1_080_000);
    expect(clock.offsetUs).toBe(AHEAD_US);
  });

  it("believes the quickest round trip", () => {
    const slow = withPong(NO_CLOCK, 0, 900_000 + AHEAD_US, 1_000_000);
    const quick = withPong(slow, 2_000_000, 2_005_000 + AHEAD_US, 2_010_000);
    const slowAgain = withPong(quick, 3_000_000, 3_100_000 + AHEAD_US, 3_900_000);
    expect(slowAgain.offsetUs).toBe(AHEAD_US);
  });

  it("forgets all but the last ten", () => {
    let clock = withPong(NO_CLOCK, 0, 5_000, 10_000);
    for (let i = 1; i <= 10; i += 1) {
      clock = withPong(clock, i * 1e6, i * 1e6 + 50_000 + AHEAD_US, i * 1e6 + 100_000);
    }
    expect(clock.samples).toHaveLength(10);
    expect(clock.offsetUs).toBe(AHEAD_US);
  });
});

describe("withWelcome", () => {
  it("is a first guess, given up for the first pong", () => {
    const guess = withWelcome(NO_CLOCK, 5_000_000, 2_000_000);
    expect(guess.offsetUs).toBe(AHEAD_US);
    const better = withPong(guess, 0, 10_000, 20_000);
    expect(better.offsetUs).toBe(0);
    expect(withWelcome(better, 9_000_000, 0)).toBe(better);
  });
});
