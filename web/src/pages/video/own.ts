/**
 * My own lane: stored facts of this session, laid on content time.
 *
 * Pure.
 */

import { merged, type Stretch } from "../../lanes/draw.ts";
import { SHOWINGS, type Showing } from "../../states/showing.ts";
import type { FactRow } from "../../wire/rest.ts";

/** Facts without any movement of the media clock are left out. */
export function ownStretches(facts: readonly FactRow[]): Stretch[] {
  const played = facts
    .filter(({ advance_ms }) => advance_ms > 0)
    .map((fact) => ({
      fromS: fact.media_ms / 1000,
      toS: (fact.media_ms + fact.advance_ms) / 1000,
      showing: showingOfFact(fact),
    }));
  return merged(played);
}

/** Attention by content second; the latest pass holds. */
export function ownAttention(
  facts: readonly FactRow[],
  seconds: readonly number[],
): (number | null)[] {
  const known = new Map<number, number>();
  for (const { media_ms, advance_ms, attention } of facts) {
    if (attention !== null && advance_ms > 0) {
      known.set(Math.floor((media_ms + advance_ms / 2) / 1000), attention);
    }
  }
  return seconds.map((second) => known.get(second) ?? null);
}

export function showingOfFact({ state, visible, frames }: FactRow): Showing {
  if (!visible) return "tab_hidden";
  if (frames === 0) return "camera_off";
  return SHOWINGS.find((showing) => showing === state) ?? "unknown";
}
