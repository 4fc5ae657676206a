/** The wall once a second: numbers stand still in between. */

import { useEffect, useMemo, useState } from "react";
import { useNow } from "../../shell/use-now.ts";
import type { Viewing } from "../../wire/viewing.ts";
import type { PulsePoint } from "../../wire/wall.ts";
import { figuresOf, type WallFigures } from "./figures.ts";
import { recent } from "./gaps.ts";
import { nextListed } from "./needs-a-look.ts";
import { type Person, people } from "./person.ts";

const EVERY_MS = 1000;

export interface WallOnceASecond {
  readonly nowMs: number;
  readonly everyone: readonly Person[];
  readonly figures: WallFigures;
  readonly pulses: readonly PulsePoint[];
  /** Who may need a look, in order. */
  readonly listed: readonly Person[];
}

export function useWall(viewing: Viewing): WallOnceASecond {
  const nowMs = useNow(EVERY_MS);
  const [seats, setSeats] = useState<readonly number[]>([]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the clock says when to look again
  const shown = useMemo(() => {
    const { wall } = viewing.state.live;
    return { everyone: people(wall), figures: figuresOf(wall), pulses: recent(wall.pulses) };
  }, [viewing, nowMs]);
  const { everyone } = shown;
  useEffect(() => setSeats((before) => nextListed(before, everyone, nowMs)), [everyone, nowMs]);
  const listed = useMemo(() => {
    const bySeat = new Map(everyone.map((person) => [person.seat, person]));
    return seats.flatMap((seat) => bySeat.get(seat) ?? []);
  }, [seats, everyone]);
  return { nowMs, ...shown, listed };
}
