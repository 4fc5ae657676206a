/**
 * One person on the wall, in words.
 *
 * Pure.
 */

import { clock, decimal } from "../../lanes/words.ts";
import { look } from "../../states/showing.ts";
import type { SeatNow, WallNow } from "../../wire/wall.ts";

export interface Person extends SeatNow {
  readonly name: string;
  readonly initials: string;
}

/** Everyone, by seat: an order that never changes by itself. */
export function people(wall: WallNow): Person[] {
  return [...wall.seats.values()]
    .sort((a, b) => a.seat - b.seat)
    .map((seat) => {
      const known = wall.names.get(seat.seat);
      const name = known?.name ?? `Seat ${seat.seat + 1}`;
      return { ...seat, name, initials: known?.initials ?? initialsOf(name) };
    });
}

/** Whether the lesson is on: somebody has not left. */
export function isAnyoneHere(wall: WallNow): boolean {
  return [...wall.seats.values()].some(({ showing }) => showing !== "left");
}

/** Seconds in the present state. */
export function secondsIn(seat: SeatNow, nowMs: number): number {
  return Math.max(0, Math.floor((nowMs - seat.sinceMs) / 1000));
}

/** "drifting 0:40". */
export function sinceWords(seat: SeatNow, nowMs: number): string {
  return `${look(seat.showing).word} ${clock(secondsIn(seat, nowMs))}`;
}

/** The whole truth of a tile, for its accessible name and the line beside the grid. */
export function sentence(person: Person, nowMs: number): string {
  const attention = person.attention === null ? "" : `, attention ${decimal(person.attention)}`;
  const hand = person.handUp ? ", hand up" : "";
  return `${person.name}, seat ${person.seat + 1}, ${sinceWords(person, nowMs)}${attention}${hand}`;
}

/** Up to two letters: first of the first and of the last word. */
export function initialsOf(name: string): string {
  const words = name.split(/\s+/).filter((word) => word !== "");
  const first = words[0]?.[0] ?? "";
  const last = words.length > 1 ? (words.at(-1)?.[0] ?? "") : "";
  return (first + last).toUpperCase();
}
