/** "Needs a look": who, what signal, for how long, and a key that leads there. */

import type { ReactNode } from "react";
import { clock } from "../../lanes/words.ts";
import { StateWord } from "../../states/glyph.tsx";
import { type Person, secondsIn } from "./person.ts";

interface LookPanelProps {
  readonly listed: readonly Person[];
  readonly nowMs: number;
  readonly goTo: (seat: number) => void;
}

export function LookPanel({ listed, nowMs, goTo }: LookPanelProps): ReactNode {
  return (
    <section aria-labelledby="look">
      <h2 id="look" className="heading">
        Needs a look
      </h2>
      {listed.length === 0 ? (
        <p className="py-2 text-text-2">Nobody now. A signal stands here after 15 s.</p>
      ) : (
        <ol>
          {listed.map((person, i) => (
            <li key={person.seat} className="border-b border-line">
              <button type="button" className="look-row" onClick={() => goTo(person.seat)}>
                <kbd className="key">{i + 1}</kbd>
                <span className="min-w-0 flex-1 text-start">
                  <span className="block truncate font-medium">{person.name}</span>
                  <span className="block text-xs text-text-2">seat {person.seat + 1}</span>
                </span>
                <span className="text-end text-sm">
                  <StateWord showing={person.showing} />
                  <span className="block text-xs text-text-2">
                    {clock(secondsIn(person, nowMs))}
                  </span>
                </span>
              </button>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
