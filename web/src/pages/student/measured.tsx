/** What is measured, who sees it, and the very tile the teacher sees. */

import type { ReactNode } from "react";
import { StateWord } from "../../states/glyph.tsx";
import { look, type Showing } from "../../states/showing.ts";

interface MeasuredProps {
  readonly policy: string;
  readonly name: string;
  readonly shown: Showing;
}

export function Measured({ policy, name, shown }: MeasuredProps): ReactNode {
  return (
    <>
      <section aria-labelledby="teacher-sees">
        <h2 id="teacher-sees" className="heading">
          What my teacher sees
        </h2>
        <p className="mt-1 flex justify-between gap-2">
          <span className="truncate font-medium">{name}</span>
          <span className="whitespace-nowrap">
            <StateWord showing={shown} />
          </span>
        </p>
      </section>
      <section aria-labelledby="measured">
        <h2 id="measured" className="heading">
          What is measured
        </h2>
        <p className="mt-1 text-sm text-text-2">
          Head pose, eyes and whether a face is there, twice a second while the camera is on. Never
          a feeling. No picture is stored; one line of numbers a second is.
          {policy !== "" && ` Rules in force: ${policy}.`}
        </p>
        <p className="sr-only">Now: {look(shown).word}</p>
      </section>
    </>
  );
}
