/**
 * The one cross-hair of the page: where the player is, and where the pointer looks.
 *
 * A store outside React, so that only what shows the moment is drawn again.
 */

import { useSyncExternalStore } from "react";

export class CrossHair {
  readonly #listeners = new Set<() => void>();
  #playedS = 0;
  #lookedS: number | null = null;

  /** The second everything shows: looked at, else played. */
  get atS(): number {
    return this.#lookedS ?? this.#playedS;
  }

  get playedS(): number {
    return this.#playedS;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  play(atS: number): void {
    if (atS === this.#playedS) return;
    this.#playedS = atS;
    this.#tell();
  }

  look(atS: number | null): void {
    if (atS === this.#lookedS) return;
    this.#lookedS = atS;
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** The second under the cross-hair. */
export function useLookedAt(hair: CrossHair): number {
  return useSyncExternalStore(hair.subscribe, () => hair.atS);
}

/** The second the player is at. */
export function usePlayedAt(hair: CrossHair): number {
  return useSyncExternalStore(hair.subscribe, () => hair.playedS);
}
