/** What happened, once nobody is there any more: the stored pulse and everyone's stored seconds on one time axis. */

import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useMemo } from "react";
import { Link } from "wouter";
import { Legend } from "../../lanes/legend.tsx";
import { TableTwin } from "../../lanes/table-twin.tsx";
import { clock, decimal } from "../../lanes/words.ts";
import { Figure, Header } from "../../shell/header.tsx";
import { Trouble } from "../../shell/trouble.tsx";
import { type Content, get, type PulseRow, type SessionRow } from "../../wire/rest.ts";
import { PersonLane } from "./person-lane.tsx";
import { PulseLane } from "./pulse-lane.tsx";
import { exitWord, pulseTakeaway, type Span, spanOf, students } from "./stored.ts";
import { TimeAxis } from "./time-axis.tsx";

/** The last seconds reach the store a moment after the last person left. */
const AGAIN_MS = 5_000;

export function AfterWall({ content }: { readonly content: Content }): ReactNode {
  const pulse = useQuery({
    queryKey: ["pulse", content.id],
    queryFn: () => get<PulseRow[]>(`/v1/contents/${content.id}/pulse`),
    refetchInterval: AGAIN_MS,
  });
  const sessions = useQuery({
    queryKey: ["sessions", content.id],
    queryFn: () => get<SessionRow[]>(`/v1/contents/${content.id}/sessions`),
    refetchInterval: AGAIN_MS,
  });
  const everyone = useMemo(() => students(sessions.data ?? []), [sessions.data]);
  const trouble = pulse.error ?? sessions.error;
  const span = spanOf(everyone);
  return (
    <>
      <Header title={content.title} pill={<span className="pill">nobody is here now</span>}>
        <Figure value={String(everyone.length)} label="were here" />
        <Figure value={clock(span.toS - span.fromS)} label="from first to last" />
      </Header>
      <main className="mx-auto max-w-[1200px] px-4 py-6">
        {trouble !== null && <Trouble sentence={trouble.message} />}
        {sessions.data !== undefined && everyone.length === 0 && <Nobody content={content} />}
        {everyone.length > 0 && (
          <Stored content={content} pulse={pulse.data ?? []} everyone={everyone} span={span} />
        )}
      </main>
    </>
  );
}

function Nobody({ content }: { readonly content: Content }): ReactNode {
  const page =
    content.kind === "lesson" ? `/lessons/${content.id}/student` : `/videos/${content.id}`;
  return (
    <section className="mx-auto max-w-[420px] py-12">
      <h2 className="mb-2 text-xl">Nobody is here yet</h2>
      <p className="mb-4 text-text-2">
        Everyone who joins stands here at once, as a tile with state and attention.
      </p>
      <Link className="button button-primary" href={page}>
        {content.kind === "lesson" ? "Join as a student" : "Watch the video"}
      </Link>
    </section>
  );
}

interface StoredProps {
  readonly content: Content;
  readonly pulse: readonly PulseRow[];
  readonly everyone: readonly SessionRow[];
  readonly span: Span;
}

function Stored({ content, pulse, everyone, span }: StoredProps): ReactNode {
  return (
    <section aria-labelledby="people" className="panel p-4">
      <h2 id="people" className="heading">
        What happened
      </h2>
      <p className="mb-3 text-text-2">
        {pulseTakeaway(pulse)} Everyone stands in order of joining; all from stored seconds.
        {content.kind === "video" && (
          <>
            {" "}
            <Link className="link" href={`/videos/${content.id}`}>
              See it over the video
            </Link>
          </>
        )}
      </p>
      <div className="lanes people-lanes mb-3">
        <PulseLane pulse={pulse} span={span} summary={pulseTakeaway(pulse)} />
        {everyone.map((session) => (
          <PersonLane key={session.session_id} session={session} span={span} />
        ))}
        <TimeAxis span={span} />
      </div>
      <Legend />
      <PeopleTwin everyone={everyone} />
    </section>
  );
}

function PeopleTwin({ everyone }: { readonly everyone: readonly SessionRow[] }): ReactNode {
  return (
    <TableTwin
      caption="Everyone who was here, in order of joining"
      columns={["Name", "Watched", "Attention", "Ended"]}
      rows={everyone.map((session) => [
        session.name || `Session ${session.session_id}`,
        clock(session.watched_ms / 1000),
        decimal(session.attention),
        exitWord(session.exit_reason),
      ])}
    />
  );
}
