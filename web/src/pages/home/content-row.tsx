/** One content: title, length, its heat, and the pages that show it. */

import { useQuery } from "@tanstack/react-query";
import { LayoutGrid, Play, UserRound } from "lucide-react";
import { type ReactNode, useCallback, useRef } from "react";
import { Link } from "wouter";
import { drawHeat } from "../../lanes/draw.ts";
import { type Drawing, Plot } from "../../lanes/plot.tsx";
import { clock, count, decimal } from "../../lanes/words.ts";
import { useSeen } from "../../shell/use-seen.ts";
import { type Content, get, type Heatmap } from "../../wire/rest.ts";

export function ContentRow({ content }: { readonly content: Content }): ReactNode {
  return (
    <li className="content-row">
      <div className="min-w-0">
        <h3 className="truncate text-base">{content.title}</h3>
        <p className="text-sm text-text-2">{facts(content)}</p>
      </div>
      <HeatLane contentId={content.id} />
      <nav aria-label={`Pages of ${content.title}`} className="flex flex-wrap gap-2">
        {content.kind === "lesson" ? (
          <Link className="button" href={`/lessons/${content.id}/student`}>
            <UserRound size={16} aria-hidden="true" /> Join
          </Link>
        ) : (
          <Link className="button" href={`/videos/${content.id}`}>
            <Play size={16} aria-hidden="true" /> Watch
          </Link>
        )}
        <Link className="button" href={`/wall/${content.id}`}>
          <LayoutGrid size={16} aria-hidden="true" /> Wall
        </Link>
      </nav>
    </li>
  );
}

function facts(content: Content): string {
  const day = new Date(content.created_at).toLocaleDateString([], { dateStyle: "medium" });
  if (content.kind === "lesson") return `Lesson · ${day}`;
  return `Video · ${clock(content.length_ms / 1000)} · ${day}`;
}

function HeatLane({ contentId }: { readonly contentId: string }): ReactNode {
  const lane = useRef<HTMLDivElement>(null);
  const isSeen = useSeen(lane);
  const { data } = useQuery({
    queryKey: ["heatmap", contentId],
    queryFn: () => get<Heatmap>(`/v1/contents/${contentId}/heatmap`),
    enabled: isSeen,
    staleTime: 10_000,
  });
  const draw = useCallback<Drawing>(
    (pen, widthPx, heightPx, ink) => {
      if (data === undefined) return;
      const { seconds, attention } = data;
      const axis = { fromS: 0, toS: (seconds.at(-1) ?? 0) + 1, widthPx };
      drawHeat(pen, axis, heightPx, { seconds, values: attention, top: 1 }, ink);
    },
    [data],
  );
  if (data === undefined) return <div ref={lane} className="min-h-8" />;
  if (data.starts === 0) return <p className="text-sm text-text-3">Nobody has started it yet.</p>;
  const summary = takeaway(data);
  return (
    <div className="min-w-0">
      <Plot heightPx={16} draw={draw} label={`Attention over time. ${summary}`} />
      <p className="truncate text-xs text-text-2">{summary}</p>
    </div>
  );
}

function takeaway({ attention, starts }: Heatmap): string {
  const measured = attention.filter((value) => value !== null);
  if (measured.length === 0) return `${count(starts, "start")}, attention not measured`;
  const mean = measured.reduce((sum, value) => sum + value, 0) / measured.length;
  return `${count(starts, "start")}, mean attention ${decimal(mean)}`;
}
