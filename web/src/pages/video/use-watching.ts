/** The session of this page: opened at the first play or when the camera is switched on, not by looking. */

import { type RefObject, useCallback, useEffect, useMemo, useState } from "react";
import { Recorder } from "../../capture/recorder.ts";
import { followVideo, senseVideo } from "../../capture/video.ts";
import { EventKind } from "../../gen/rapt/v1/perception_pb.ts";
import { type OpenViewing, useViewing } from "../../shell/use-viewing.ts";

export interface Watching extends OpenViewing {
  readonly recorder: Recorder | null;
  readonly begin: () => void;
}

export function useWatching(
  contentId: string,
  name: string,
  video: RefObject<HTMLVideoElement | null>,
): Watching {
  const [hasBegun, setBegun] = useState(false);
  const [recorder, setRecorder] = useState<Recorder | null>(null);
  const watching = useMemo(
    () => (hasBegun ? { contentId, name, role: "student" as const } : null),
    [hasBegun, contentId, name],
  );
  const open = useViewing(watching);
  const { viewing } = open;
  useEffect(() => {
    const element = video.current;
    if (viewing === null || element === null) return;
    const made = new Recorder(viewing, () => senseVideo(element));
    // The play that opened the session came before anyone listened.
    if (!element.paused) made.report(EventKind.PLAY);
    const unfollow = followVideo(element, made);
    setRecorder(made);
    return () => {
      unfollow();
      made.stop();
      setRecorder(null);
    };
  }, [viewing, video]);
  const begin = useCallback(() => setBegun(true), []);
  return { ...open, recorder, begin };
}
