/** What a close leads to. */

import { describe, expect, it } from "vitest";
import { backoff, LONGEST_WAIT_MS, nextStep } from "../../src/wire/reconnect.ts";

describe("backoff", () => {
  it("doubles from half a second to fifteen seconds", () => {
    const waits = Array.from({ length: 12 }, (_, attempt) => backoff(attempt, 0.5));
    expect(waits.slice(0, 6)).toEqual([500, 1000, 2000, 4000, 8000, LONGEST_WAIT_MS]);
    expect(Math.max(...waits)).toBe(LONGEST_WAIT_MS);
  });

  it("spreads by half in both directions", () => {
    expect(backoff(1, 0)).toBe(500);
    expect(backoff(1, 1)).toBe(1500);
  });
});

describe("nextStep", () => {
  it("renews a refused ticket once, then stops", () => {
    expect(nextStep(4401, 0, false, 0.5)).toEqual({ kind: "renew" });
    expect(nextStep(4401, 1, true, 0.5).kind).toBe("stop");
  });

  it.each([1000, 4403, 4409])("never comes back by itself after %i", (code) => {
    expect(nextStep(code, 0, false, 0.5).kind).toBe("stop");
  });

  it("spreads the return after a restart over five seconds", () => {
    expect(nextStep(1012, 0, false, 1)).toEqual({ kind: "wait", waitMs: 5000 });
    expect(nextStep(1012, 1, false, 0.5)).toEqual({ kind: "wait", waitMs: 1000 });
  });

  it("waits after anything else", () => {
    expect(nextStep(1006, 2, false, 0.5)).toEqual({ kind: "wait", waitMs: 2000 });
    expect(nextStep(1013, 0, false, 0.5)).toEqual({ kind: "wait", waitMs: 500 });
  });
});
