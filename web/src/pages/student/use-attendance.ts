/** Being in a live lesson, told like playing: its clock is the time since it started. */

import { useEffect, useState } from "react";
import { Recorder } from "../../capture/recorder.ts";
import { EventKind, PlayerState } from "../../gen/rapt/v1/perception_pb.ts";
import type { Content } from "../../wire/rest.ts";
import type { Viewing } from "../../wire/viewing.ts";

/** Milliseconds since the lesson started, by the gateway's clock. */
export function lessonPositionMs(content: Content, serverNowMs: number): number {
  return Math.max(0, serverNowMs - Date.parse(content.created_at));
}

export function useAttendance(viewing: Viewing | null, content: Content): Recorder | null {
  const [recorder, setRecorder] = useState<Recorder | null>(null);
  useEffect(() => {
    if (viewing === null) return;
    const made = new Recorder(viewing, () => ({
      positionMs: lessonPositionMs(content, viewing.serverNowMs()),
      ratePct: 100,
      player: PlayerState.PLAYING,
    }));
    made.report(EventKind.PLAY);
    setRecorder(made);
    return () => {
      made.stop();
      setRecorder(null);
    };
  }, [viewing, content]);
  return recorder;
}
