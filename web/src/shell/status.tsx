/** One status line per page: shown at once, spoken politely and at most every ten seconds. */

import { type ReactNode, useEffect, useRef, useState } from "react";

/** WCAG 4.1.3 without noise. */
export const QUIET_MS = 10_000;

/** Milliseconds until a new message may be spoken. */
export function waitBefore(spokenAtMs: number, nowMs: number): number {
  return Math.max(0, spokenAtMs + QUIET_MS - nowMs);
}

export function Status({ text }: { readonly text: string }): ReactNode {
  const [spoken, setSpoken] = useState(text);
  const spokenAtMs = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    if (text === spoken) return;
    const timer = setTimeout(
      () => {
        spokenAtMs.current = performance.now();
        setSpoken(text);
      },
      waitBefore(spokenAtMs.current, performance.now()),
    );
    return () => clearTimeout(timer);
  }, [text, spoken]);
  return (
    <div className="min-h-5 text-sm text-text-2">
      <p aria-hidden="true" data-testid="status">
        {text}
      </p>
      <p role="status" className="sr-only">
        {spoken}
      </p>
    </div>
  );
}
