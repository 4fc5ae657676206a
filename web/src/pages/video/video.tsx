/** The video page, once its content is known. */

import { useQuery } from "@tanstack/react-query";
import { type ReactNode, type RefObject, useEffect, useMemo, useRef, useState } from "react";
import { useCamera } from "../../capture/use-camera.ts";
import { Header } from "../../shell/header.tsx";
import { Trouble } from "../../shell/trouble.tsx";
import { type Content, type FactRow, get, type Heatmap } from "../../wire/rest.ts";
import { CameraPill } from "../student/camera-parts.tsx";
import { secondOfAddress, writeSecond } from "./address.ts";
import { CrossHair } from "./cross-hair.ts";
import type { SharedAxis } from "./lane.tsx";
import { Lanes } from "./lanes.tsx";
import { Player } from "./player.tsx";
import { Side } from "./side.tsx";
import { useKeys } from "./use-keys.ts";
import { useWatching } from "./use-watching.ts";

/** While someone watches here; else the lanes are asked for less often, milliseconds. */
const FRESH_EVERY_MS = 2_000;
const QUIET_EVERY_MS = 10_000;

export function Video({ content }: { readonly content: Content }): ReactNode {
  const video = useRef<HTMLVideoElement>(null);
  const [startS] = useState(() => secondOfAddress(location.search));
  const [name] = useState(nameOfAddress);
  const axis = useAxis(video, content.length_ms / 1000);
  const watching = useWatching(content.id, name, video);
  const { viewing, state, recorder, begin } = watching;
  const camera = useCamera(viewing, recorder);
  const heatmap = useHeatmap(content.id, viewing !== null);
  const facts = useOwnFacts(viewing?.sessionId ?? null);
  const line = viewing === null ? "open" : state.line;
  useKeys(video, begin);
  useWriteSecond(video);
  return (
    <>
      <Header title={content.title} pill={<CameraPill camera={camera} line={line} />} />
      <main className="video">
        <div className="min-w-0">
          <Player
            video={video}
            source={content.media_url}
            startS={startS}
            axis={axis}
            begin={begin}
          />
          {heatmap.error !== null && <Trouble sentence={heatmap.error.message} />}
          {heatmap.data !== undefined && <Lanes heatmap={heatmap.data} facts={facts} axis={axis} />}
        </div>
        <Side camera={camera} begin={begin} watching={watching} />
      </main>
    </>
  );
}

function nameOfAddress(): string {
  return new URLSearchParams(location.search).get("name")?.trim() || "Viewer";
}

/** One time axis and one cross-hair for the whole page. */
function useAxis(video: RefObject<HTMLVideoElement | null>, lengthS: number): SharedAxis {
  const [hair] = useState(() => new CrossHair());
  return useMemo(() => {
    const seek = (atS: number): void => {
      if (video.current !== null) video.current.currentTime = atS;
    };
    return { lengthS, hair, seek };
  }, [video, lengthS, hair]);
}

function useHeatmap(contentId: string, isWatching: boolean) {
  return useQuery({
    queryKey: ["heatmap", contentId],
    queryFn: () => get<Heatmap>(`/v1/contents/${contentId}/heatmap`),
    refetchInterval: isWatching ? FRESH_EVERY_MS : QUIET_EVERY_MS,
  });
}

const NO_FACTS: readonly FactRow[] = [];

function useOwnFacts(sessionId: string | null): readonly FactRow[] {
  const { data } = useQuery({
    queryKey: ["facts", sessionId],
    queryFn: () => get<FactRow[]>(`/v1/sessions/${sessionId}/facts`),
    refetchInterval: FRESH_EVERY_MS,
    enabled: sessionId !== null,
  });
  return data ?? NO_FACTS;
}

/** Keeps `?t=` at the last stop or jump. */
function useWriteSecond(video: { readonly current: HTMLVideoElement | null }): void {
  useEffect(() => {
    const element = video.current;
    if (element === null) return;
    const write = (): void => writeSecond(element.currentTime);
    element.addEventListener("seeked", write);
    element.addEventListener("pause", write);
    return () => {
      element.removeEventListener("seeked", write);
      element.removeEventListener("pause", write);
    };
  }, [video]);
}
