/** Turns what a `<video>` does into player events. */

import { EventKind, PlayerState } from "../gen/rapt/v1/perception_pb.ts";
import type { Recorder, Sense } from "./recorder.ts";

/** The player now, as the contract says it. */
export function senseVideo(video: HTMLVideoElement): Sense {
  return {
    positionMs: Math.max(0, video.currentTime * 1000),
    ratePct: Math.round(video.playbackRate * 100),
    player: playerState(video),
  };
}

function playerState(video: HTMLVideoElement): PlayerState {
  if (video.ended) return PlayerState.ENDED;
  if (video.paused) return PlayerState.PAUSED;
  const hasData = video.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA;
  return video.seeking || !hasData ? PlayerState.BUFFERING : PlayerState.PLAYING;
}

/** Reports until the returned function is called. */
export function followVideo(video: HTMLVideoElement, recorder: Recorder): () => void {
  const stopped = new AbortController();
  const on = (name: string, act: () => void): void =>
    video.addEventListener(name, act, { signal: stopped.signal });
  on("play", () => recorder.report(EventKind.PLAY));
  on("pause", () => {
    // The end is told by `ended`, which follows at once.
    if (!video.ended) recorder.report(EventKind.PAUSE);
  });
  on("ended", () => recorder.report(EventKind.ENDED));
  on("waiting", () => {
    if (!video.seeking) recorder.report(EventKind.STALL);
  });
  on("seeking", () => recorder.seeking());
  // The moment the media clock begins to move: not a tick later.
  on("playing", () => recorder.look());
  on("seeked", () => recorder.look());
  on("ratechange", () => recorder.report(EventKind.RATE, { value: video.playbackRate }));
  on("volumechange", () => {
    recorder.report(EventKind.VOLUME, { value: video.muted ? 0 : video.volume });
  });
  return () => stopped.abort();
}
