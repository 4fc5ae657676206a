/** What was really played, and nothing else. */

import { describe, expect, it } from "vitest";
import {
  allSegments,
  coveredMs,
  jump,
  NOTHING_PLAYED,
  type Played,
  type Reading,
  read,
  type Segment,
} from "../../src/capture/segments.ts";

const START_MS = 1_800_000_000_000;

/** A reading `atMs` after the start; playing at normal speed, visible. */
function reading(atMs: number, positionMs: number, more: Partial<Reading> = {}): Reading {
  const usual = { isMoving: true, ratePct: 100, isVisible: true };
  return { nowMs: START_MS + atMs, positionMs, ...usual, ...more };
}

function fold(readings: readonly Reading[], from = NOTHING_PLAYED): Played {
  return readings.reduce(read, from);
}

/** Readings each 250 ms over a stretch of steady playing. */
function steady(fromMs: number, toMs: number, atPosition: (atMs: number) => number): Reading[] {
  const count = Math.floor((toMs - fromMs) / 250) + 1;
  return Array.from({ length: count }, (_, i) => {
    const atMs = fromMs + i * 250;
    return reading(atMs, atPosition(atMs));
  });
}

function intervals(played: Played): [number, number][] {
  return allSegments(played).map(({ fromMs, toMs }) => [fromMs, toMs]);
}

describe("playing", () => {
  it("is one segment however many readings there are", () => {
    const played = fold(steady(0, 10_000, (atMs) => atMs));
    expect(intervals(played)).toEqual([[0, 10_000]]);
  });

  it("carries the open segment with the closed ones", () => {
    const played = fold([
      ...steady(0, 2000, (atMs) => atMs),
      reading(2000, 2000, { isMoving: false }),
      ...steady(5000, 6000, (atMs) => atMs - 3000),
    ]);
    expect(played.open).not.toBeNull();
    expect(intervals(played)).toEqual([
      [0, 2000],
      [2000, 3000],
    ]);
  });

  it("tells when each segment began", () => {
    const played = fold([reading(1000, 0), reading(2000, 1000)]);
    expect(allSegments(played)[0]?.atMs).toBe(START_MS + 1000);
  });

  it("does not count while paused", () => {
    const paused = Array.from({ length: 40 }, (_, i) =>
      reading(1000 + i * 250, 1000, { isMoving: false }),
    );
    expect(intervals(fold([...steady(0, 1000, (atMs) => atMs), ...paused]))).toEqual([[0, 1000]]);
  });
});

describe("a tab that was hidden at the start", () => {
  it("plays invisibly until it is shown, without an event that says so", () => {
    const hidden = steady(0, 4000, (atMs) => atMs).map((one) => ({ ...one, isVisible: false }));
    const shown = steady(4000, 6000, (atMs) => atMs);
    const segments = allSegments(fold([...hidden, ...shown]));
    expect(segments.map(({ fromMs, toMs, isVisible }) => [fromMs, toMs, isVisible])).toEqual([
      [0, 4000, false],
      [4000, 6000, true],
    ]);
  });
});

describe("a seek", () => {
  it("ends a segment where it began and opens one where it landed", () => {
    const before = fold(steady(0, 3000, (atMs) => atMs));
    const { played, fromMs } = jump(before, START_MS + 3100);
    const after = fold(
      steady(3200, 4200, (atMs) => atMs + 26_800),
      played,
    );
    expect(fromMs).toBe(3100);
    expect(intervals(after)).toEqual([
      [0, 3100],
      [30_000, 31_000],
    ]);
  });

  it("that nobody announced is seen by the clock and counts nothing of the jump", () => {
    const played = fold([
      ...steady(0, 3000, (atMs) => atMs),
      ...steady(3250, 4250, (atMs) => atMs + 56_750),
    ]);
    expect(coveredMs(allSegments(played))).toBe(4000);
  });

  it("back makes the same seconds count as two passes", () => {
    const { played } = jump(fold(steady(0, 5000, (atMs) => atMs)), START_MS + 5000);
    const again = fold(
      steady(5000, 7000, (atMs) => atMs - 3000),
      played,
    );
    expect(intervals(again)).toEqual([
      [0, 5000],
      [2000, 4000],
    ]);
    expect(coveredMs(allSegments(again))).toBe(5000);
  });

  it("believes at most a quarter of a second since the last reading", () => {
    const before = fold([reading(0, 0), reading(250, 250)]);
    expect(jump(before, START_MS + 9000).fromMs).toBe(500);
  });

  it("while paused begins where the pause was", () => {
    const before = fold([reading(0, 0), reading(250, 250, { isMoving: false })]);
    expect(jump(before, START_MS + 9000).fromMs).toBe(250);
  });
});

describe("a stall", () => {
  it("adds nothing while the media clock stands", () => {
    const played = fold([
      ...steady(0, 2000, (atMs) => atMs),
      ...steady(2250, 6000, () => 2000),
      ...steady(6250, 7250, (atMs) => atMs - 4250),
    ]);
    expect(coveredMs(allSegments(played))).toBe(3000);
  });

  it("of the whole machine counts neither as played nor as a jump to now", () => {
    const played = fold([reading(0, 0), reading(1000, 1000), reading(3_600_000, 1000)]);
    expect(intervals(played)).toEqual([[0, 1000]]);
  });
});

describe("the played-second rule", () => {
  it.each([
    [1250, true],
    [750, true],
    [1251, false],
    [749, false],
  ])("moving %i ms in a second counts: %s", (movedMs, counts) => {
    const played = fold([reading(0, 0), reading(1000, movedMs)]);
    expect(coveredMs(allSegments(played)) > 0).toBe(counts);
  });

  it("never counts a clock that runs back", () => {
    expect(intervals(fold([reading(0, 200), reading(100, 100)]))).toEqual([]);
  });
});

describe("the speed", () => {
  it("scales what the clock may do", () => {
    const fast = { ratePct: 200 };
    const played = fold([reading(0, 0, fast), reading(1000, 2000, fast)]);
    expect(intervals(played)).toEqual([[0, 2000]]);
  });

  it("splits a segment where it changes", () => {
    const played = fold([
      reading(0, 0),
      reading(1000, 1000, { ratePct: 150 }),
      reading(2000, 2500, { ratePct: 150 }),
    ]);
    expect(allSegments(played).map(({ ratePct }) => ratePct)).toEqual([100, 150]);
    expect(intervals(played)).toEqual([
      [0, 1000],
      [1000, 2500],
    ]);
  });
});

describe("losing messages", () => {
  it("loses nothing: the list after two lost ones holds all that the lost ones held", () => {
    const readings = [
      ...steady(0, 5000, (atMs) => atMs),
      reading(5000, 5000, { isMoving: false }),
      ...steady(8000, 13_000, (atMs) => atMs + 12_000),
      ...steady(13_000, 18_000, (atMs) => atMs + 12_000).map((one) => ({ ...one, ratePct: 100 })),
    ];
    const sent: (readonly Segment[])[] = [];
    readings.reduce((played, next, i) => {
      const after = read(played, next);
      if (i % 20 === 19) sent.push(allSegments(after));
      return after;
    }, NOTHING_PLAYED);
    const last = sent.at(-1) ?? [];
    expect(sent.length).toBeGreaterThanOrEqual(3);
    for (const [i, lost] of sent.slice(0, -1).entries()) {
      const closed = lost.slice(0, -1);
      expect(last.slice(0, closed.length), `message ${i}`).toEqual(closed);
    }
  });
});
