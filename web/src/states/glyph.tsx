/** The eight-pixel sign of a state. */

import type { ReactNode } from "react";
import { type GlyphName, look, type Showing } from "./showing.ts";

/** Paths in an 8×8 box. */
const PATHS: Readonly<Record<GlyphName, { readonly d: string; readonly isStroke: boolean }>> = {
  "triangle-down": { d: "M0.5 1.5h7L4 7z", isStroke: false },
  "triangle-aside": { d: "M1.5 0.5v7L7 4z", isStroke: false },
  bar: { d: "M0.5 3h7v2h-7z", isStroke: false },
  ring: { d: "M4 1a3 3 0 1 0 0 6a3 3 0 1 0 0-6", isStroke: true },
  question: {
    d: "M2 2.6C2 1.3 2.9 0.7 4 0.7s2 0.7 2 1.8C6 3.8 4 3.9 4 5.2M4 6.8v0.5",
    isStroke: true,
  },
  "ring-line": { d: "M4 1a3 3 0 1 0 0 6a3 3 0 1 0 0-6M1.5 6.5l5-5", isStroke: true },
};

/** The same glyph as an SVG element, for tiles that React does not draw. */
export function glyphPath(showing: Showing): { d: string; isStroke: boolean } | null {
  const { glyph } = look(showing);
  return glyph === null ? null : PATHS[glyph];
}

export function Glyph({ showing, sizePx = 8 }: { showing: Showing; sizePx?: number }): ReactNode {
  const path = glyphPath(showing);
  if (path === null) return null;
  return (
    <svg className="flex-none" width={sizePx} height={sizePx} viewBox="0 0 8 8" aria-hidden="true">
      <path
        d={path.d}
        fill={path.isStroke ? "none" : "currentColor"}
        stroke={path.isStroke ? "currentColor" : "none"}
        strokeWidth={1.2}
      />
    </svg>
  );
}

/** Glyph and word, in the colour of the state. */
export function StateWord({ showing }: { showing: Showing }): ReactNode {
  const { word, color } = look(showing);
  return (
    <span
      className="inline-flex items-center gap-1.5 whitespace-nowrap"
      style={{ color: `var(${color})` }}
    >
      <Glyph showing={showing} />
      {word}
    </span>
  );
}
