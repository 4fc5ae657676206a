/** The lesson itself, once the student has a name. */

import { type ReactNode, useMemo } from "react";
import { OwnTile } from "../../capture/own-tile.tsx";
import { useCamera } from "../../capture/use-camera.ts";
import { clock } from "../../lanes/words.ts";
import { Header } from "../../shell/header.tsx";
import { Status } from "../../shell/status.tsx";
import { Trouble } from "../../shell/trouble.tsx";
import { useNow } from "../../shell/use-now.ts";
import { useViewing } from "../../shell/use-viewing.ts";
import type { Content } from "../../wire/rest.ts";
import { CameraButton, CameraPill } from "./camera-parts.tsx";
import { Measured } from "./measured.tsx";
import { shownNow } from "./shown.ts";
import { StateNow } from "./state-now.tsx";
import { statusOf } from "./status-text.ts";
import { TrailLane } from "./trail-lane.tsx";
import { lessonPositionMs, useAttendance } from "./use-attendance.ts";

export function Lesson({
  content,
  name,
}: {
  readonly content: Content;
  readonly name: string;
}): ReactNode {
  const watching = useMemo(
    () => ({ contentId: content.id, name, role: "student" as const }),
    [content.id, name],
  );
  const { viewing, state } = useViewing(watching);
  const recorder = useAttendance(viewing, content);
  const camera = useCamera(viewing, recorder);
  const now = useNow(1000);
  const shown = shownNow(state.live, camera.state, now);
  const positionMs = lessonPositionMs(content, viewing?.serverNowMs() ?? now);
  return (
    <>
      <Header title={content.title} pill={<CameraPill camera={camera} line={state.line} />}>
        <span className="text-text-2">{clock(positionMs / 1000)} since the start</span>
      </Header>
      <main className="student">
        <section className="student-main" aria-label="What is said about you">
          {state.line === "stopped" && <Trouble sentence={state.reason} />}
          <StateNow shown={shown} said={state.live.said} isMeasured={camera.state === "on"} />
          <TrailLane trail={state.live.trail} nowS={Math.floor(now / 1000)} />
          <Status text={statusOf(state, camera.state)} />
        </section>
        <aside className="student-side" aria-label="Your camera">
          <OwnTile sent={camera.sent} camera={camera.state} />
          <CameraButton camera={camera} isReady={viewing !== null} />
          <Measured policy={state.live.policy} name={name} shown={shown} />
        </aside>
      </main>
    </>
  );
}
