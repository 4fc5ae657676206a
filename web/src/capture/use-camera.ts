/** The camera of a page: off until the person switches it on. */

import { useCallback, useEffect, useRef, useState } from "react";
import { EventKind } from "../gen/rapt/v1/perception_pb.ts";
import type { Viewing } from "../wire/viewing.ts";
import type { Recorder } from "./recorder.ts";
import type { Sender, Sent } from "./sender.ts";

export type CameraState = "off" | "starting" | "on" | "refused" | "lost";

export interface PageCamera {
  readonly state: CameraState;
  readonly sent: Sent | null;
  readonly toggle: () => void;
}

/** Sends pictures into `viewing` while on; tells `recorder` when it is switched. */
export function useCamera(viewing: Viewing | null, recorder: Recorder | null): PageCamera {
  const [state, setState] = useState<CameraState>("off");
  const [sent, setSent] = useState<Sent | null>(null);
  const sender = useRef<Sender | null>(null);
  const last = useRef(0n);
  const isGone = useRef(false);

  const stop = useCallback((next: CameraState) => {
    last.current = sender.current?.lastSequence ?? last.current;
    sender.current?.close();
    sender.current = null;
    setSent(null);
    setState(next);
  }, []);

  const start = useCallback(async (): Promise<void> => {
    if (viewing === null) return;
    setState("starting");
    try {
      // Only who switches the camera on loads what it takes.
      const { Sender } = await import("./sender.ts");
      const opened = await Sender.open(viewing, last.current, {
        sent: setSent,
        ended: () => {
          recorder?.report(EventKind.CAMERA_OFF);
          stop("lost");
        },
      });
      if (isGone.current) {
        opened.close();
        return;
      }
      sender.current = opened;
      recorder?.report(EventKind.CAMERA_ON);
      setState("on");
    } catch {
      setState("refused");
    }
  }, [viewing, recorder, stop]);

  const toggle = useCallback(() => {
    if (sender.current === null) {
      void start();
      return;
    }
    recorder?.report(EventKind.CAMERA_OFF);
    stop("off");
  }, [start, stop, recorder]);

  useEffect(() => {
    isGone.current = false;
    return () => {
      isGone.current = true;
      sender.current?.close();
    };
  }, []);
  return { state, sent, toggle };
}
