/** When a picture may leave. */

import { describe, expect, it } from "vitest";
import { isDue, startPace, type Wanted, withAnswer, withSent } from "../../src/capture/pace.ts";

const WANTED: Wanted = { ackedSequence: 0n, credits: 1, targetFpsMilli: 2000 };

describe("isDue", () => {
  it("lets the first picture leave at once", () => {
    expect(isDue(startPace(0), WANTED, 0)).toBe(true);
  });

  it("keeps the wanted interval between pictures", () => {
    const pace = withSent(startPace(0), 1000);
    const answered = { ...WANTED, ackedSequence: 1n };
    expect(isDue(pace, answered, 1300)).toBe(false);
    expect(isDue(pace, answered, 1500)).toBe(true);
  });

  it.each([
    [500, 0.5],
    [2000, 2],
    [8000, 8],
    [10_000, 10],
    [30_000, 10],
  ])("follows %i pictures per thousand seconds up to ten a second", (targetFpsMilli, fps) => {
    let pace = startPace(0);
    let sent = 0;
    for (let nowMs = 0; nowMs < 20_000; nowMs += 25) {
      const wanted = { credits: 1, ackedSequence: pace.lastSequence, targetFpsMilli };
      if (!isDue(pace, wanted, nowMs)) continue;
      pace = withSent(pace, nowMs);
      sent += 1;
    }
    expect(sent / 20).toBeCloseTo(fps, 0);
    expect(sent / 20).toBeGreaterThanOrEqual(fps);
  });

  it("waits while a picture is under way", () => {
    expect(isDue(withSent(startPace(0), 0), WANTED, 1500)).toBe(false);
  });

  it("sends the newest after two seconds of silence", () => {
    expect(isDue(withSent(startPace(0), 0), WANTED, 2000)).toBe(true);
  });

  it("pauses when the server wants nothing or gives no credit", () => {
    expect(isDue(startPace(0), { ...WANTED, targetFpsMilli: 0 }, 9000)).toBe(false);
    expect(isDue(startPace(0), { ...WANTED, credits: 0 }, 9000)).toBe(false);
  });
});

describe("withAnswer", () => {
  it("slows down when answers take most of the interval", () => {
    let pace = startPace(0);
    for (let i = 0; i < 40; i += 1) {
      pace = withSent(pace, i * 2000);
      pace = withAnswer(pace, pace.lastSequence, i * 2000 + 900);
    }
    expect(pace.ceilingFps).toBeLessThan(1);
    expect(pace.ceilingFps).toBeGreaterThanOrEqual(0.5);
  });

  it("speeds up by a tenth each ten seconds once answers are quick", () => {
    const slow = { ...startPace(0), ceilingFps: 1 };
    const soon = withAnswer(withSent(slow, 5000), 1n, 5050);
    const later = withAnswer(withSent(slow, 10_000), 1n, 10_050);
    expect(soon.ceilingFps).toBe(1);
    expect(later.ceilingFps).toBeCloseTo(1.1);
  });

  it("learns from each answer once, and from none of an older picture", () => {
    const sent = withSent(withSent(startPace(0), 0), 500);
    const once = withAnswer(sent, 2n, 600);
    expect(withAnswer(once, 2n, 5000)).toBe(once);
    expect(withAnswer(sent, 1n, 600)).toBe(sent);
  });
});
