/**
 * Who may need a look, at most five.
 *
 * Pure. Whoever is listed stays in place until it is over; a free place goes to who has waited longest. So the list
 * never re-sorts under the reader's eyes.
 */

import { asksForALook } from "../../states/showing.ts";
import { type Person, secondsIn } from "./person.ts";

export const MAX_LISTED = 5;
/** A signal counts for the teacher after this long, seconds. */
export const LOOK_AFTER_S = 15;

/**
 * The next list.
 *
 * @param listed seats of the list now, in order
 * @returns seats, in order
 */
export function nextListed(
  listed: readonly number[],
  everyone: readonly Person[],
  nowMs: number,
): readonly number[] {
  const waiting = everyone.filter((person) => asksForALook(person.showing));
  const stillWaiting = new Set(waiting.map(({ seat }) => seat));
  const kept = listed.filter((seat) => stillWaiting.has(seat));
  const due = waiting
    .filter((person) => !kept.includes(person.seat) && secondsIn(person, nowMs) >= LOOK_AFTER_S)
    .sort((a, b) => a.sinceMs - b.sinceMs)
    .map(({ seat }) => seat);
  const next = [...kept, ...due].slice(0, MAX_LISTED);
  const isSame = next.length === listed.length && next.every((seat, i) => seat === listed[i]);
  return isSame ? listed : next;
}
