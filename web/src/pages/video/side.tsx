/** Beside the video: my camera, my state, and what is measured. */

import { type ReactNode, useEffect, useState } from "react";
import { OwnTile } from "../../capture/own-tile.tsx";
import type { PageCamera } from "../../capture/use-camera.ts";
import { Status } from "../../shell/status.tsx";
import { Trouble } from "../../shell/trouble.tsx";
import { useNow } from "../../shell/use-now.ts";
import { StateWord } from "../../states/glyph.tsx";
import { CameraButton } from "../student/camera-parts.tsx";
import { shownNow } from "../student/shown.ts";
import { statusOf } from "./status-text.ts";
import type { Watching } from "./use-watching.ts";

interface SideProps {
  readonly camera: PageCamera;
  readonly begin: () => void;
  readonly watching: Watching;
}

export function Side({ camera, begin, watching }: SideProps): ReactNode {
  const now = useNow(1000);
  const { viewing, recorder, state } = watching;
  const [isWished, setWished] = useState(false);
  const { toggle } = camera;
  useEffect(() => {
    if (!isWished || recorder === null) return;
    setWished(false);
    toggle();
  }, [isWished, recorder, toggle]);
  const press = (): void => {
    if (viewing !== null) {
      toggle();
      return;
    }
    begin();
    setWished(true);
  };
  const shown = shownNow(state.live, camera.state, now);
  const reasons = camera.state === "on" ? (state.live.said?.reasons ?? []) : [];
  return (
    <aside className="video-side" aria-label="My camera">
      {state.line === "stopped" && <Trouble sentence={state.reason} />}
      <OwnTile sent={camera.sent} camera={camera.state} />
      <CameraButton camera={{ ...camera, toggle: press }} isReady={!isWished} />
      <section aria-labelledby="now">
        <h2 id="now" className="heading">
          Now
        </h2>
        <p className="mt-1 text-lg font-semibold" data-testid="state-word" data-state={shown}>
          <StateWord showing={shown} />
        </p>
        <ul className="min-h-10 text-sm text-text-2">
          {reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      </section>
      <section aria-labelledby="measured">
        <h2 id="measured" className="heading">
          What is measured
        </h2>
        <p className="mt-1 text-sm text-text-2">
          Which seconds were played, and, only while the camera is on, head pose and eyes. Never a
          feeling. No picture is stored.
        </p>
      </section>
      <Status text={statusOf(state, viewing !== null)} />
    </aside>
  );
}
