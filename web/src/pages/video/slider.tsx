/** Where the player is: a slider as wide as the plots below it. */

import { type CSSProperties, type ReactNode, useState } from "react";
import { clock } from "../../lanes/words.ts";
import { usePlayedAt } from "./cross-hair.ts";
import type { SharedAxis } from "./lane.tsx";

/** Dragging looks; letting go seeks, so that a drag is one seek. */
export function Slider({ hair, lengthS, seek }: SharedAxis): ReactNode {
  const [wishedS, setWishedS] = useState<number | null>(null);
  const playedS = usePlayedAt(hair);
  const shownS = wishedS ?? Math.min(playedS, lengthS);
  const commit = (): void => {
    if (wishedS !== null) seek(wishedS);
    setWishedS(null);
    hair.look(null);
  };
  return (
    <input
      type="range"
      className="player-slider"
      aria-label="Position"
      aria-valuetext={`${clock(shownS)} of ${clock(lengthS)}`}
      min={0}
      max={lengthS}
      step={0.1}
      value={shownS}
      style={{ "--share": String((shownS / lengthS) * 100) } as CSSProperties}
      onChange={({ target }) => {
        setWishedS(Number(target.value));
        hair.look(Number(target.value));
      }}
      onPointerUp={commit}
      onKeyUp={commit}
      onBlur={commit}
    />
  );
}
