/** Keys of the player: space plays, arrows jump five seconds. Not while a field or a control has them. */

import { type RefObject, useEffect } from "react";

const JUMP_S = 5;

export function useKeys(video: RefObject<HTMLVideoElement | null>): void {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const element = video.current;
      if (element === null || isTaken(event)) return;
      if (event.key === " ") {
        if (element.paused) void element.play().catch(() => undefined);
        else element.pause();
      } else if (event.key === "ArrowRight") element.currentTime += JUMP_S;
      else if (event.key === "ArrowLeft") element.currentTime -= JUMP_S;
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [video]);
}

function isTaken({ target, altKey, ctrlKey, metaKey }: KeyboardEvent): boolean {
  if (altKey || ctrlKey || metaKey) return true;
  return (
    target instanceof Element &&
    target.closest("button, input, select, a, summary, [tabindex]") !== null
  );
}
