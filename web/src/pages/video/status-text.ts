/** The one sentence of the video page's status line. */

import type { ViewingState } from "../../wire/viewing.ts";

export function statusOf({ line, reason, live }: ViewingState, hasBegun: boolean): string {
  if (!hasBegun) return "";
  if (line === "stopped") return reason;
  if (line === "waiting") return "The connection is lost. What you watch is kept; reconnecting.";
  if (live.measuring === "paused")
    return live.notice || "Not measured now. What you watch is kept.";
  if (live.measuring === "less_often") return "Checking less often: many people are here.";
  return "";
}
