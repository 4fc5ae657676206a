/** One person's stored seconds as a lane; asked for when it comes into sight. */

import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useCallback, useMemo, useRef } from "react";
import { drawStretches } from "../../lanes/draw.ts";
import { type Drawing, Plot } from "../../lanes/plot.tsx";
import { clock, decimal } from "../../lanes/words.ts";
import { useSeen } from "../../shell/use-seen.ts";
import { type FactRow, get, type SessionRow } from "../../wire/rest.ts";
import { exitWord, type Span, stretchesOf } from "./stored.ts";

const HEIGHT_PX = 20;

interface PersonLaneProps {
  readonly session: SessionRow;
  readonly span: Span;
}

export function PersonLane({ session, span }: PersonLaneProps): ReactNode {
  const row = useRef<HTMLDivElement>(null);
  const isSeen = useSeen(row);
  const { data } = useQuery({
    queryKey: ["facts", session.session_id, session.seen_at],
    queryFn: () => get<FactRow[]>(`/v1/sessions/${session.session_id}/facts`),
    enabled: isSeen,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const stretches = useMemo(() => stretchesOf(session, data ?? []), [session, data]);
  const { fromS, toS } = span;
  const draw = useCallback<Drawing>(
    (pen, widthPx, heightPx, ink) => {
      drawStretches(pen, { fromS, toS, widthPx }, 2, heightPx - 4, stretches, ink);
    },
    [stretches, fromS, toS],
  );
  const name = session.name || "no name";
  const watched = clock(session.watched_ms / 1000);
  return (
    <div ref={row} className="lane" data-testid="person-lane">
      <div className="lane-label truncate">{name}</div>
      <Plot heightPx={HEIGHT_PX} draw={draw} label={`States of ${name} over time`} />
      <div className="lane-value">
        {decimal(session.attention)}{" "}
        <small>
          in {watched}, {exitWord(session.exit_reason)}
        </small>
      </div>
    </div>
  );
}
