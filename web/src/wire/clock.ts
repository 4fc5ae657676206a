/**
 * How far the gateway's clock is ahead of ours.
 *
 * Pure. Of the last ten round trips the quickest is believed: its error is at most half of it.
 */

const KEPT_SAMPLES = 10;

export interface ClockSample {
  /** Gateway clock minus ours, microseconds. */
  readonly offsetUs: number;
  /** Round trip, microseconds. */
  readonly roundTripUs: number;
}

export interface Clock {
  readonly samples: readonly ClockSample[];
  /** Gateway clock minus ours, microseconds. */
  readonly offsetUs: number;
}

export const NO_CLOCK: Clock = { samples: [], offsetUs: 0 };

/** Adds one answered ping; all three times in microseconds. */
export function withPong(clock: Clock, sentUs: number, serverUs: number, nowUs: number): Clock {
  const roundTripUs = Math.max(0, nowUs - sentUs);
  const sample = { offsetUs: serverUs + roundTripUs / 2 - nowUs, roundTripUs };
  const samples = [...clock.samples, sample].slice(-KEPT_SAMPLES);
  return { samples, offsetUs: quickest(samples).offsetUs };
}

/** A first guess from Welcome, until a pong gives a better one. */
export function withWelcome(clock: Clock, serverUs: number, nowUs: number): Clock {
  return clock.samples.length > 0 ? clock : { samples: [], offsetUs: serverUs - nowUs };
}

function quickest(samples: readonly ClockSample[]): ClockSample {
  return samples.reduce((best, next) => (next.roundTripUs < best.roundTripUs ? next : best));
}
