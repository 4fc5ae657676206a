/** What the control bar does to the `<video>`, and what it shows of it. */

import { type RefObject, useCallback, useEffect, useState } from "react";
import type { CrossHair } from "./cross-hair.ts";

export const RATES = [0.5, 0.75, 1, 1.25, 1.5, 2] as const;

interface Shown {
  readonly isPlaying: boolean;
  readonly isMuted: boolean;
  readonly rate: number;
  readonly hasCaptions: boolean;
  readonly showsCaptions: boolean;
}

const NOTHING: Shown = {
  isPlaying: false,
  isMuted: false,
  rate: 1,
  hasCaptions: false,
  showsCaptions: false,
};

const CHANGES = ["play", "pause", "ended", "ratechange", "volumechange", "loadedmetadata"] as const;

export interface PlayerControls extends Shown {
  readonly element: HTMLVideoElement | null;
  readonly attach: (element: HTMLVideoElement | null) => void;
  readonly isFull: boolean;
  readonly toggle: () => void;
  readonly seek: (atS: number) => void;
  readonly setRate: (rate: number) => void;
  readonly toggleSound: () => void;
  readonly toggleCaptions: () => void;
  readonly toggleFull: () => void;
}

export function usePlayer(
  video: RefObject<HTMLVideoElement | null>,
  frame: HTMLElement | null,
  hair: CrossHair,
  begin: () => void,
): PlayerControls {
  const [element, setElement] = useState<HTMLVideoElement | null>(null);
  const [shown, setShown] = useState(NOTHING);
  const isFull = useFullScreen(frame);
  const attach = useCallback(
    (next: HTMLVideoElement | null) => {
      video.current = next;
      setElement(next);
    },
    [video],
  );
  useEffect(() => {
    if (element === null) return;
    const update = (): void => setShown(shownOf(element));
    for (const name of CHANGES) element.addEventListener(name, update);
    update();
    return () => {
      for (const name of CHANGES) element.removeEventListener(name, update);
    };
  }, [element]);
  useFollowPosition(element, hair);
  return {
    ...shown,
    element,
    attach,
    isFull,
    toggle: () => {
      begin();
      togglePlaying(element);
    },
    seek: (atS) => {
      if (element !== null) element.currentTime = atS;
    },
    setRate: (rate) => {
      if (element !== null) element.playbackRate = rate;
    },
    toggleSound: () => {
      if (element !== null) element.muted = !element.muted;
    },
    toggleCaptions: () => {
      if (element !== null) {
        toggleCaptions(element);
        setShown(shownOf(element));
      }
    },
    toggleFull: () => {
      if (isFull) void document.exitFullscreen();
      else void frame?.requestFullscreen();
    },
  };
}

function shownOf(element: HTMLVideoElement): Shown {
  const tracks = [...element.textTracks];
  return {
    isPlaying: !element.paused && !element.ended,
    isMuted: element.muted,
    rate: element.playbackRate,
    hasCaptions: tracks.length > 0,
    showsCaptions: tracks.some(({ mode }) => mode === "showing"),
  };
}

export function togglePlaying(element: HTMLVideoElement | null): void {
  if (element === null) return;
  // A play that the browser refuses stays a pause: the button says so.
  if (element.paused || element.ended) void element.play().catch(() => undefined);
  else element.pause();
}

function toggleCaptions(element: HTMLVideoElement): void {
  const first = element.textTracks[0];
  if (first !== undefined) first.mode = first.mode === "showing" ? "hidden" : "showing";
}

function useFullScreen(frame: HTMLElement | null): boolean {
  const [isFull, setFull] = useState(false);
  useEffect(() => {
    const update = (): void => setFull(frame !== null && document.fullscreenElement === frame);
    document.addEventListener("fullscreenchange", update);
    return () => document.removeEventListener("fullscreenchange", update);
  }, [frame]);
  return isFull;
}

/** The cross-hair moves this often, milliseconds: smooth to the eye, cheap beside the camera. */
const FOLLOW_MS = 60;

/** Moves the cross-hair while the video plays. */
function useFollowPosition(element: HTMLVideoElement | null, hair: CrossHair): void {
  useEffect(() => {
    if (element === null) return;
    let request = 0;
    let toldMs = 0;
    const follow = (nowMs: number): void => {
      if (nowMs - toldMs >= FOLLOW_MS) {
        toldMs = nowMs;
        hair.play(element.currentTime);
      }
      request = requestAnimationFrame(follow);
    };
    request = requestAnimationFrame(follow);
    return () => cancelAnimationFrame(request);
  }, [element, hair]);
}
