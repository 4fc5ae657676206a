/** My own lane, from stored facts. */

import { describe, expect, it } from "vitest";
import { ownAttention, ownStretches, showingOfFact } from "../../../src/pages/video/own.ts";
import type { FactRow } from "../../../src/wire/rest.ts";

function fact(t_s: number, media_ms: number, more: Partial<FactRow> = {}): FactRow {
  return {
    t_s,
    media_ms,
    advance_ms: 1000,
    state: "focused",
    probability: 0.9,
    attention: 0.8,
    player: "playing",
    visible: true,
    frames: 2,
    ...more,
  };
}

describe("ownStretches", () => {
  it("lie on content time and leave out what was not played", () => {
    const facts = [fact(0, 0), fact(1, 1000), fact(2, 2000, { advance_ms: 0 }), fact(3, 30_000)];
    expect(ownStretches(facts)).toEqual([
      { fromS: 0, toS: 2, showing: "focused" },
      { fromS: 30, toS: 31, showing: "focused" },
    ]);
  });
});

describe("ownAttention", () => {
  it("takes the latest pass of a second", () => {
    const facts = [fact(0, 5000, { attention: 0.2 }), fact(9, 5100, { attention: 0.9 })];
    expect(ownAttention(facts, [4, 5, 6])).toEqual([null, 0.9, null]);
  });

  it("has a gap where nothing was measured", () => {
    expect(ownAttention([fact(0, 0, { attention: null })], [0])).toEqual([null]);
  });
});

describe("showingOfFact", () => {
  it("puts the player's signal and the choice before the verdict", () => {
    expect(showingOfFact(fact(0, 0, { visible: false }))).toBe("tab_hidden");
    expect(showingOfFact(fact(0, 0, { frames: 0, state: null }))).toBe("camera_off");
    expect(showingOfFact(fact(0, 0, { state: "eyes_closed" }))).toBe("eyes_closed");
    expect(showingOfFact(fact(0, 0, { state: "something new" }))).toBe("unknown");
  });
});
