/**
 * What the screen shows for a person: word, glyph, and which colour and pattern.
 *
 * Never one alone. The word stands in the table, the tooltip and the accessible name.
 */

export const SHOWINGS = [
  "focused",
  "drifting",
  "away",
  "eyes_closed",
  "absent",
  "unknown",
  "tab_hidden",
  "camera_off",
  "left",
] as const;

export type Showing = (typeof SHOWINGS)[number];

export type GlyphName =
  | "triangle-down"
  | "triangle-aside"
  | "bar"
  | "ring"
  | "question"
  | "ring-line";

interface Look {
  readonly word: string;
  readonly glyph: GlyphName | null;
  /** Custom property that holds the colour. */
  readonly color: string;
}

const LOOKS: Readonly<Record<Showing, Look>> = {
  focused: { word: "focused", glyph: null, color: "--focused" },
  drifting: { word: "drifting", glyph: "triangle-down", color: "--drifting" },
  away: { word: "looking away", glyph: "triangle-aside", color: "--away" },
  eyes_closed: { word: "eyes closed", glyph: "bar", color: "--away" },
  absent: { word: "no face", glyph: "ring", color: "--away" },
  unknown: { word: "not sure", glyph: "question", color: "--text-3" },
  tab_hidden: { word: "tab hidden", glyph: "ring-line", color: "--away" },
  camera_off: { word: "camera off", glyph: null, color: "--text-2" },
  left: { word: "left", glyph: null, color: "--text-3" },
};

export function look(showing: Showing): Look {
  return LOOKS[showing];
}

/** Whether the person may need someone: neither focused, nor by choice, nor unknown. */
export function asksForALook(showing: Showing): boolean {
  switch (showing) {
    case "drifting":
    case "away":
    case "eyes_closed":
    case "absent":
    case "tab_hidden":
      return true;
    case "focused":
    case "unknown":
    case "camera_off":
    case "left":
      return false;
  }
}
