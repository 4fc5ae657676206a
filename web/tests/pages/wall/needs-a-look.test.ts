/** The list that does not move under the reader's eyes. */

import { describe, expect, it } from "vitest";
import { nextListed } from "../../../src/pages/wall/needs-a-look.ts";
import { NOW_MS, person } from "./people.ts";

describe("nextListed", () => {
  it("lists a signal after fifteen seconds, the longest first, at most five", () => {
    const everyone = [20, 90, 14, 15, 60, 40, 30].map((forS, seat) =>
      person(seat, "drifting", forS),
    );
    expect(nextListed([], everyone, NOW_MS)).toEqual([1, 4, 5, 6, 0]);
  });

  it("keeps places while a signal lasts, whatever else happens", () => {
    const everyone = [person(0, "away", 20), person(1, "absent", 300), person(2, "away", 40)];
    expect(nextListed([0, 2], everyone, NOW_MS)).toEqual([0, 2, 1]);
  });

  it("lets go of who is focused again, and keeps who changed from one signal to another", () => {
    const everyone = [person(0, "focused"), person(1, "away", 2)];
    expect(nextListed([0, 1], everyone, NOW_MS)).toEqual([1]);
  });

  it("never lists a choice or a doubt", () => {
    const everyone = [
      person(0, "camera_off", 500),
      person(1, "left", 500),
      person(2, "unknown", 500),
      person(3, "focused", 500),
    ];
    expect(nextListed([], everyone, NOW_MS)).toEqual([]);
  });

  it("is the same list when nothing changed", () => {
    const listed = [0];
    expect(nextListed(listed, [person(0, "tab_hidden", 65)], NOW_MS)).toBe(listed);
  });
});
