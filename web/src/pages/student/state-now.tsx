/** The state now: word, glyph, attention, and why. */

import type { ReactNode } from "react";
import { decimal, percent } from "../../lanes/words.ts";
import { Glyph } from "../../states/glyph.tsx";
import { look, type Showing } from "../../states/showing.ts";
import type { Said } from "../../wire/fold.ts";

interface StateNowProps {
  readonly shown: Showing;
  readonly said: Said | null;
  readonly isMeasured: boolean;
}

export function StateNow({ shown, said, isMeasured }: StateNowProps): ReactNode {
  const { word, color } = look(shown);
  const current = isMeasured && said !== null && shown !== "camera_off" ? said : null;
  return (
    <div className="panel state-now p-6" style={{ borderInlineStartColor: `var(${color})` }}>
      <h2 className="heading">Now</h2>
      <p className="mt-1 flex items-center gap-3 text-2xl font-semibold">
        <span className="inline-flex items-center gap-3" style={{ color: `var(${color})` }}>
          <Glyph showing={shown} sizePx={16} />
          <span data-testid="state-word" data-state={shown}>
            {word}
          </span>
        </span>
      </p>
      <p className="mt-1 text-text-2">{figures(current)}</p>
      <ul className="mt-3 min-h-15" aria-label="Why">
        {(current?.reasons ?? []).map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
        {current === null && <li className="text-text-2">{withoutVerdict(isMeasured)}</li>}
      </ul>
    </div>
  );
}

function figures(said: Said | null): string {
  if (said === null) return "attention –";
  return `attention ${decimal(said.attention)}, ${percent(said.probability)} sure, last picture`;
}

function withoutVerdict(isMeasured: boolean): string {
  return isMeasured
    ? "The first answer comes in a moment."
    : "Nothing is measured by camera. Your presence counts all the same.";
}
