/** Keys of the player: space plays, arrows jump five seconds. Not while a field or a control has them. */

import { type RefObject, useEffect } from "react";
import { flushSync } from "react-dom";
import { togglePlaying } from "./use-player.ts";

const JUMP_S = 5;

/** @param begin called before the first play, so that not a moment of it is missed */
export function useKeys(video: RefObject<HTMLVideoElement | null>, begin: () => void): void {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const element = video.current;
      if (element === null || isTaken(event)) return;
      if (event.key === " ") {
        flushSync(begin);
        togglePlaying(element);
      } else if (event.key === "ArrowRight") element.currentTime += JUMP_S;
      else if (event.key === "ArrowLeft") element.currentTime -= JUMP_S;
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [video, begin]);
}

function isTaken({ target, altKey, ctrlKey, metaKey }: KeyboardEvent): boolean {
  if (altKey || ctrlKey || metaKey) return true;
  return (
    target instanceof Element &&
    target.closest("button, input, select, a, summary, [tabindex]") !== null
  );
}
