/** The one sentence of the wall's status line. */

import type { Measuring } from "../../wire/fold.ts";
import type { LineState } from "../../wire/line.ts";

export function statusOf(line: LineState, measuring: Measuring): string {
  if (line !== "open")
    return "The connection is lost; reconnecting. The tiles show what was last known.";
  if (measuring === "less_often") return "Checking less often: many people are here.";
  if (measuring === "paused") return "Not measured now; what students do is kept.";
  return "";
}
