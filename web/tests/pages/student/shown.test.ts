/** The state on the student page, and the status line. */

import { describe, expect, it } from "vitest";
import { shownNow } from "../../../src/pages/student/shown.ts";
import { statusOf } from "../../../src/pages/student/status-text.ts";
import { waitBefore } from "../../../src/shell/status.tsx";
import { type Live, NOTHING_YET } from "../../../src/wire/fold.ts";

const NOW_MS = 1_800_000_000_000;
const SAID: Live = {
  ...NOTHING_YET,
  said: {
    showing: "focused",
    probability: 0.9,
    attention: 0.8,
    reasons: [],
    atMs: NOW_MS,
    sequence: 1n,
    serverUs: 1,
  },
};

describe("shownNow", () => {
  it("is what was said while it is fresh, then not sure", () => {
    expect(shownNow(SAID, "on", NOW_MS + 3000)).toBe("focused");
    expect(shownNow(SAID, "on", NOW_MS + 3001)).toBe("unknown");
  });

  it("is camera off whatever was said before", () => {
    expect(shownNow(SAID, "off", NOW_MS)).toBe("camera_off");
    expect(shownNow(SAID, "lost", NOW_MS)).toBe("camera_off");
  });
});

describe("the status line", () => {
  it("says what is kept when the connection is lost", () => {
    const state = { line: "waiting", reason: "", live: NOTHING_YET } as const;
    expect(statusOf(state, "on")).toContain("kept");
  });

  it("speaks at most every ten seconds", () => {
    expect(waitBefore(1000, 4000)).toBe(7000);
    expect(waitBefore(1000, 20_000)).toBe(0);
    expect(waitBefore(Number.NEGATIVE_INFINITY, 0)).toBe(0);
  });
});
