/**
 * Which intervals of the content were really played.
 *
 * Pure. Readings of the player come in; contiguous intervals `[fromMs, toMs)` come out, each with one speed and one
 * visibility. A reading extends the open interval only when the media clock moved as the wall clock says:
 * `|Δposition − Δwall × rate| ≤ 250 ms`. Anything else is a seek or a stall, and the interval ends where it last
 * made sense. The whole list goes with every event, so that a lost message is repaired by the next one.
 */

/** How far the media clock may stray from the wall clock between two readings, milliseconds. */
export const TOLERANCE_MS = 250;
/** The contract carries at most this many segments. */
export const MAX_SEGMENTS = 20_000;

/** The player at one moment. */
export interface Reading {
  /** Steady clock of the page, milliseconds since 1970 (time origin + performance.now). */
  readonly nowMs: number;
  /** Media position, milliseconds. */
  readonly positionMs: number;
  /** Neither paused, nor seeking, nor waiting for data, nor at the end. */
  readonly isMoving: boolean;
  /** Speed, percent of normal. */
  readonly ratePct: number;
  readonly isVisible: boolean;
}

export interface Segment {
  readonly fromMs: number;
  readonly toMs: number;
  readonly ratePct: number;
  readonly isVisible: boolean;
  /** When it began, milliseconds, clock of the readings. */
  readonly atMs: number;
}

export interface Played {
  readonly closed: readonly Segment[];
  readonly open: Segment | null;
  readonly last: Reading | null;
}

export const NOTHING_PLAYED: Played = { closed: [], open: null, last: null };

/** Adds one reading. */
export function read(played: Played, reading: Reading): Played {
  const extended = extend(played, reading);
  const goesOn =
    reading.isMoving &&
    extended.open !== null &&
    extended.open.toMs === reading.positionMs &&
    extended.open.ratePct === reading.ratePct &&
    extended.open.isVisible === reading.isVisible;
  const settled = goesOn ? extended : close(extended);
  const open = reading.isMoving && settled.open === null ? begin(reading) : settled.open;
  return { closed: settled.closed, open, last: reading };
}

/**
 * A jump. The stretch since the last reading was played, at most `TOLERANCE_MS` of wall time of it is believed.
 *
 * @returns the new state and where the jump began, milliseconds
 */
export function jump(played: Played, nowMs: number): { played: Played; fromMs: number } {
  const { last } = played;
  if (last === null) return { played, fromMs: 0 };
  const elapsedMs = Math.min(Math.max(0, nowMs - last.nowMs), TOLERANCE_MS);
  const fromMs = last.isMoving
    ? last.positionMs + (elapsedMs * last.ratePct) / 100
    : last.positionMs;
  const stopped = read(played, { ...last, nowMs, positionMs: fromMs, isMoving: false });
  return { played: stopped, fromMs };
}

/** Every segment, closed and open, in order of playing, whole milliseconds, empty ones left out. */
export function allSegments(played: Played): readonly Segment[] {
  const all = played.open === null ? played.closed : [...played.closed, played.open];
  return all
    .map((segment) => ({
      ...segment,
      fromMs: Math.round(segment.fromMs),
      toMs: Math.round(segment.toMs),
    }))
    .filter((segment) => segment.toMs > segment.fromMs)
    .slice(0, MAX_SEGMENTS);
}

/** Milliseconds of the content that were played at least once, whatever the visibility. */
export function coveredMs(segments: readonly Segment[]): number {
  const ordered = [...segments].sort((a, b) => a.fromMs - b.fromMs);
  let coveredToMs = 0;
  let sumMs = 0;
  for (const { fromMs, toMs } of ordered) {
    sumMs += Math.max(0, toMs - Math.max(fromMs, coveredToMs));
    coveredToMs = Math.max(coveredToMs, toMs);
  }
  return sumMs;
}

function extend(played: Played, reading: Reading): Played {
  const { open, last } = played;
  if (open === null || last === null) return played;
  const movedMs = reading.positionMs - last.positionMs;
  const expectedMs = ((reading.nowMs - last.nowMs) * last.ratePct) / 100;
  const isPlayed = movedMs >= 0 && Math.abs(movedMs - expectedMs) <= TOLERANCE_MS;
  return isPlayed ? { ...played, open: { ...open, toMs: reading.positionMs } } : played;
}

function close(played: Played): Played {
  const { closed, open, last } = played;
  if (open === null) return played;
  const hasLength = open.toMs > open.fromMs;
  return { closed: hasLength ? [...closed, open] : closed, open: null, last };
}

function begin(reading: Reading): Segment {
  return {
    fromMs: reading.positionMs,
    toMs: reading.positionMs,
    ratePct: reading.ratePct,
    isVisible: reading.isVisible,
    atMs: reading.nowMs,
  };
}
