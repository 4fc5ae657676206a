/** The one sentence of the status line: what happened, what is kept, what to do. */

import type { CameraState } from "../../capture/use-camera.ts";
import type { ViewingState } from "../../wire/viewing.ts";

export function statusOf({ line, reason, live }: ViewingState, camera: CameraState): string {
  if (line === "stopped") return reason;
  if (line === "waiting") return "The connection is lost. What you did is kept; reconnecting.";
  if (line === "connecting") return "Connecting.";
  if (camera === "refused") return "The camera was not allowed. The lesson goes on without it.";
  if (camera === "lost") return "The camera went away. The lesson goes on without it.";
  if (camera === "off") return "You are in the lesson. The camera is off.";
  if (live.measuring === "paused") return live.notice || "Not measured now. What you did is kept.";
  if (live.measuring === "less_often") return "Checking less often: many people are here.";
  return "You are in the lesson. The camera is on.";
}
