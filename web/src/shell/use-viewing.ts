/** A viewing session for as long as a component is shown. */

import { useEffect, useState, useSyncExternalStore } from "react";
import { NOTHING_YET } from "../wire/fold.ts";
import { Viewing, type ViewingState, type Watching } from "../wire/viewing.ts";

const NOT_OPEN: ViewingState = { line: "connecting", reason: "", live: NOTHING_YET };
const ignore = (): (() => void) => () => undefined;

export interface OpenViewing {
  readonly viewing: Viewing | null;
  readonly state: ViewingState;
}

/** Opens when `watching` is set; pass a stable object. */
export function useViewing(watching: Watching | null): OpenViewing {
  const [viewing, setViewing] = useState<Viewing | null>(null);
  useEffect(() => {
    if (watching === null) return;
    const made = new Viewing(watching);
    setViewing(made);
    return () => {
      // After every other cleanup: the recorder still has its last event to tell.
      queueMicrotask(() => made.close());
      setViewing(null);
    };
  }, [watching]);
  const state = useSyncExternalStore(
    viewing?.subscribe ?? ignore,
    () => viewing?.state ?? NOT_OPEN,
  );
  return { viewing, state };
}
