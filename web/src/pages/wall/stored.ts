/**
 * Stored sessions and pulses, ready to be drawn.
 *
 * Pure.
 */

import { merged, type Stretch } from "../../lanes/draw.ts";
import { clock, count, decimal } from "../../lanes/words.ts";
import type { FactRow, PulseRow, SessionRow } from "../../wire/rest.ts";
import type { PulsePoint } from "../../wire/wall.ts";
import { showingOfFact } from "../video/own.ts";

/** Wall-clock seconds since 1970. */
export interface Span {
  readonly fromS: number;
  readonly toS: number;
}

export function students(sessions: readonly SessionRow[]): readonly SessionRow[] {
  return sessions.filter(({ role }) => role === "student");
}

export function pointsOf(rows: readonly PulseRow[]): PulsePoint[] {
  return rows.map(({ at_s, ...rest }) => ({ atS: at_s, ...rest }));
}

/** Mean of the seconds that have a pulse; null of none. */
export function meanPulse(rows: readonly PulseRow[]): number | null {
  const known = rows.flatMap(({ median }) => (median === null ? [] : [median]));
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** The pulse in one sentence. */
export function pulseTakeaway(rows: readonly PulseRow[]): string {
  const mean = meanPulse(rows);
  if (mean === null) return "The pulse needs five measured students at once.";
  const known = rows.filter(({ median }) => median !== null).length;
  const n = rows.reduce((most, row) => Math.max(most, row.n), 0);
  const who = count(n, "student");
  return `Mean pulse ${decimal(mean)} over ${clock(known)}, up to ${who} measured.`;
}

/** From the first arrival to the last sign of life. */
export function spanOf(sessions: readonly SessionRow[]): Span {
  if (sessions.length === 0) return { fromS: 0, toS: 0 };
  const opened = sessions.map(({ opened_at }) => Date.parse(opened_at) / 1000);
  const seen = sessions.map(({ seen_at }) => Date.parse(seen_at) / 1000);
  return { fromS: Math.min(...opened), toS: Math.max(...seen) };
}

/** A session's seconds as stretches of wall time. */
export function stretchesOf(session: SessionRow, facts: readonly FactRow[]): Stretch[] {
  const openedS = Date.parse(session.opened_at) / 1000;
  return merged(
    facts.map((fact) => ({
      fromS: openedS + fact.t_s,
      toS: openedS + fact.t_s + 1,
      showing: showingOfFact(fact),
    })),
  );
}

const EXITS: Readonly<Record<string, string>> = {
  open: "still open",
  left: "left",
  completed: "to the end",
  lost: "connection lost",
  taken_over: "went on elsewhere",
  void: "not counted",
};

export function exitWord(reason: string): string {
  return EXITS[reason] ?? reason;
}
