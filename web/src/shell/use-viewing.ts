/** A viewing session for as long as a component is shown. */

import { useEffect, useState, useSyncExternalStore } from "react";
import { NOTHING_YET } from "../wire/fold.ts";
import { Viewing, type ViewingState, type Watching } from "../wire/viewing.ts";

const NOT_OPEN: ViewingState = { line: "connecting", reason: "", live: NOTHING_YET };
const ignore = (): (() => void) => () => undefined;

export interface OpenViewing {
  readonly viewing: Viewing | null;
  readonly state: ViewingState;
  readonly error: Error | null;
}

/** Opens when `watching` is set; pass a stable object. */
export function useViewing(watching: Watching | null): OpenViewing {
  const [viewing, setViewing] = useState<Viewing | null>(null);
  const [error, setError] = useState<Error | null>(null);
  useEffect(() => {
    if (watching === null) return;
    let isGone = false;
    let opened: Viewing | null = null;
    Viewing.open(watching).then(
      (made) => {
        opened = made;
        if (isGone) made.close();
        else setViewing(made);
      },
      (reason: unknown) => {
        if (!isGone) setError(reason instanceof Error ? reason : new Error(String(reason)));
      },
    );
    return () => {
      isGone = true;
      opened?.close();
      setViewing(null);
    };
  }, [watching]);
  const state = useSyncExternalStore(
    viewing?.subscribe ?? ignore,
    () => viewing?.state ?? NOT_OPEN,
  );
  return { viewing, state, error };
}
