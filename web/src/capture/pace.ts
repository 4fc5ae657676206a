/**
 * When the next camera picture may leave.
 *
 * Pure. The server says how many may be under way and how many it wants; we slow down further when answers are slow.
 * One is under way at a time; while it is, newer pictures replace the unsent one. Silence for two seconds frees the way.
 */

/** Without a word of the server for this long, the newest picture is sent again, milliseconds. */
export const SILENCE_MS = 2_000;
const SLOWEST_FPS = 0.5;
/** As often as a worker may be set to ask for. */
const FASTEST_FPS = 10;
/** Up by a tenth each ten seconds. */
const RAISE_EVERY_MS = 10_000;
/** Share of the frame interval that a round trip may take. */
const MAX_ROUND_TRIP_SHARE = 0.8;

/** What the server last asked for. */
export interface Wanted {
  readonly ackedSequence: bigint;
  readonly credits: number;
  readonly targetFpsMilli: number;
}

export interface Pace {
  readonly lastSequence: bigint;
  /** Highest sequence whose round trip is already learnt. */
  readonly learntSequence: bigint;
  readonly lastSentMs: number;
  /** Our own ceiling, frames per second. */
  readonly ceilingFps: number;
  readonly ceilingAtMs: number;
  /** Smoothed milliseconds from sending to answer. */
  readonly roundTripMs: number;
}

export function startPace(nowMs: number, lastSequence = 0n): Pace {
  return {
    lastSequence,
    learntSequence: lastSequence,
    lastSentMs: Number.NEGATIVE_INFINITY,
    ceilingFps: FASTEST_FPS,
    ceilingAtMs: nowMs,
    roundTripMs: 0,
  };
}

/** Whether a picture may leave now. */
export function isDue(pace: Pace, wanted: Wanted, nowMs: number): boolean {
  if (wanted.targetFpsMilli === 0) return false;
  const fps = Math.min(wanted.targetFpsMilli / 1000, pace.ceilingFps);
  const waitedMs = nowMs - pace.lastSentMs;
  // Timers come a little early or late; a tenth of an interval is no reason to skip a beat.
  if (waitedMs < 900 / fps) return false;
  const underWay = Number(pace.lastSequence - wanted.ackedSequence);
  return underWay < Math.max(1, wanted.credits) ? wanted.credits > 0 : waitedMs >= SILENCE_MS;
}

export function withSent(pace: Pace, nowMs: number): Pace {
  return { ...pace, lastSequence: pace.lastSequence + 1n, lastSentMs: nowMs };
}

/** Learns from an answer to the last picture. */
export function withAnswer(before: Pace, sequence: bigint, nowMs: number): Pace {
  if (sequence !== before.lastSequence || sequence === before.learntSequence) return before;
  const pace = { ...before, learntSequence: sequence };
  const tookMs = nowMs - pace.lastSentMs;
  const roundTripMs = pace.roundTripMs === 0 ? tookMs : pace.roundTripMs * 0.8 + tookMs * 0.2;
  const intervalMs = 1000 / pace.ceilingFps;
  if (roundTripMs > MAX_ROUND_TRIP_SHARE * intervalMs) {
    const ceilingFps = Math.max(SLOWEST_FPS, pace.ceilingFps * 0.8);
    return { ...pace, roundTripMs, ceilingFps, ceilingAtMs: nowMs };
  }
  if (nowMs - pace.ceilingAtMs < RAISE_EVERY_MS) return { ...pace, roundTripMs };
  const ceilingFps = Math.min(FASTEST_FPS, pace.ceilingFps * 1.1);
  return { ...pace, roundTripMs, ceilingFps, ceilingAtMs: nowMs };
}
