/**
 * What the lanes say at one second, and in one sentence.
 *
 * Pure. Never a bare number: each has its unit and n.
 */

import { clock, count, decimal, percent } from "../../lanes/words.ts";
import { look } from "../../states/showing.ts";
import type { FactRow, Heatmap } from "../../wire/rest.ts";
import { showingOfFact } from "./own.ts";

export type Words = readonly [figure: string, meaning: string];

export function indexAt(seconds: readonly number[], atS: number): number {
  const index = seconds.findLastIndex((second) => second <= atS);
  return Math.max(0, index);
}

export function attentionAt(heatmap: Heatmap, atS: number): Words {
  const i = indexAt(heatmap.seconds, atS);
  const value = heatmap.attention[i] ?? null;
  const n = heatmap.n[i] ?? 0;
  if (value === null) return ["–", n === 0 ? "nobody measured" : `too few: n ${n}`];
  return [decimal(value), `n ${n} at ${clock(atS)}`];
}

export function shareAt(
  shares: readonly number[],
  { seconds, starts }: Heatmap,
  atS: number,
): Words {
  if (starts === 0) return ["–", "no starts yet"];
  return [percent(shares[indexAt(seconds, atS)]), `of ${count(starts, "start")}`];
}

export function ownAt(
  facts: readonly FactRow[],
  own: readonly (number | null)[],
  atS: number,
): Words {
  if (facts.length === 0) return ["–", "press play to begin"];
  const fact = facts.findLast(
    ({ media_ms, advance_ms }) => media_ms <= atS * 1000 && atS * 1000 < media_ms + advance_ms,
  );
  if (fact === undefined) return ["–", "not played"];
  return [decimal(own[Math.floor(atS)]), look(showingOfFact(fact)).word];
}

/** The lanes in one sentence. */
export function takeaway({ seconds, starts, unique, attention }: Heatmap): string {
  if (starts === 0)
    return "Nobody has started this video yet. The lanes fill while someone watches.";
  const atTheEnd = percent(unique.at(-1));
  const lowest = lowestAt(attention);
  const low =
    lowest === null
      ? "attention was not measured"
      : `attention was lowest at ${clock(seconds[lowest] ?? 0)} (${decimal(attention[lowest])})`;
  return `${count(starts, "start")}, ${atTheEnd} watched the end; ${low}.`;
}

function lowestAt(values: readonly (number | null)[]): number | null {
  let lowest: number | null = null;
  values.forEach((value, i) => {
    const best = lowest === null ? null : values[lowest];
    if (value !== null && (best === null || best === undefined || value < best)) lowest = i;
  });
  return lowest;
}
