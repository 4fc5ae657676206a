/**
 * What to do when the socket closes, and how long to wait.
 *
 * Pure. Half a second doubling to fifteen, half of it random, so that a class does not come back in one moment.
 */

/** Milliseconds before the first new attempt. */
export const FIRST_WAIT_MS = 500;
/** Longest wait, milliseconds. */
export const LONGEST_WAIT_MS = 15_000;
/** A restart of the gateway spreads its clients over this many milliseconds. */
export const RESTART_SPREAD_MS = 5_000;

export const CLOSE_OVER = 1000;
export const CLOSE_TICKET = 4401;
export const CLOSE_NOT_PERMITTED = 4403;
export const CLOSE_LEASE_TAKEN = 4409;
export const CLOSE_RESTART = 1012;

export type NextStep =
  | { readonly kind: "wait"; readonly waitMs: number }
  | { readonly kind: "renew" }
  | { readonly kind: "stop"; readonly reason: string };

/**
 * Decides after a close.
 *
 * @param code close code of the socket
 * @param attempt failed attempts since the last Welcome, from 0
 * @param hasRenewed whether the ticket was renewed since the last Welcome
 * @param random 0..1
 */
export function nextStep(
  code: number,
  attempt: number,
  hasRenewed: boolean,
  random: number,
): NextStep {
  switch (code) {
    case CLOSE_OVER:
      return { kind: "stop", reason: "This session is over. Reload to start a new one." };
    case CLOSE_NOT_PERMITTED:
      return { kind: "stop", reason: "This link does not permit that. Ask for a new link." };
    case CLOSE_LEASE_TAKEN:
      return { kind: "stop", reason: "Another device took over. Reload to watch here instead." };
    case CLOSE_TICKET:
      if (hasRenewed) {
        return { kind: "stop", reason: "This session has ended. Reload to start a new one." };
      }
      return { kind: "renew" };
    case CLOSE_RESTART:
      if (attempt === 0) return { kind: "wait", waitMs: random * RESTART_SPREAD_MS };
      return { kind: "wait", waitMs: backoff(attempt, random) };
    default:
      return { kind: "wait", waitMs: backoff(attempt, random) };
  }
}

/** Milliseconds to wait: doubled with each attempt, ±50 %. */
export function backoff(attempt: number, random: number): number {
  const full = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempt, 10));
  return full * (0.5 + random);
}
