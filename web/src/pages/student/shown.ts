/**
 * What the student page shows as the state now.
 *
 * Pure. An old verdict says nothing about now: after three seconds it is "not sure".
 */

import type { CameraState } from "../../capture/use-camera.ts";
import type { Showing } from "../../states/showing.ts";
import type { Live } from "../../wire/fold.ts";

/** Same as on the wall, milliseconds. */
export const STALE_MS = 3_000;

export function shownNow(live: Live, camera: CameraState, nowMs: number): Showing {
  if (camera !== "on") return "camera_off";
  if (live.said === null || nowMs - live.said.atMs > STALE_MS) return "unknown";
  return live.said.showing;
}
