/** What the lanes say in words. */

import { describe, expect, it } from "vitest";
import { secondOfAddress } from "../../../src/pages/video/address.ts";
import { attentionAt, shareAt, takeaway } from "../../../src/pages/video/values.ts";
import type { Heatmap } from "../../../src/wire/rest.ts";

const HEATMAP: Heatmap = {
  seconds: [0, 1, 2],
  starts: 4,
  absolute: [1, 1.5, 0.5],
  unique: [1, 1, 0.5],
  attention: [0.8, 0.4, null],
  n: [4, 4, 0],
};

describe("values at the cross-hair", () => {
  it("come with n and time", () => {
    expect(attentionAt(HEATMAP, 1.9)).toEqual(["0.40", "n 4 at 0:01"]);
    expect(shareAt(HEATMAP.absolute, HEATMAP, 1)).toEqual(["150 %", "of 4 starts"]);
  });

  it("say why there is none", () => {
    expect(attentionAt(HEATMAP, 2)).toEqual(["–", "nobody measured"]);
    expect(shareAt([], { ...HEATMAP, starts: 0 }, 1)).toEqual(["–", "no starts yet"]);
  });
});

describe("takeaway", () => {
  it("names the lowest attention and who watched the end", () => {
    expect(takeaway(HEATMAP)).toBe(
      "4 starts, 50 % watched the end; attention was lowest at 0:01 (0.40).",
    );
  });

  it("says what will be here", () => {
    expect(takeaway({ ...HEATMAP, starts: 0 })).toContain("Nobody has started");
  });
});

describe("secondOfAddress", () => {
  it.each([
    ["?t=250", 250],
    ["?t=4:10", 250],
    ["?t=1:00:05", 3605],
    ["?t=soon", 0],
    ["?t=-4", 0],
    ["", 0],
  ])("reads %s as %d", (search, atS) => {
    expect(secondOfAddress(search)).toBe(atS);
  });
});
