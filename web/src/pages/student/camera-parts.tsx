/** The switch of the camera, and the pill that says what it does. */

import { Camera, CameraOff } from "lucide-react";
import type { ReactNode } from "react";
import type { PageCamera } from "../../capture/use-camera.ts";
import type { LineState } from "../../wire/line.ts";

export function CameraButton({
  camera,
  isReady,
}: {
  readonly camera: PageCamera;
  readonly isReady: boolean;
}): ReactNode {
  const isOn = camera.state === "on";
  const Icon = isOn ? CameraOff : Camera;
  return (
    <button
      type="button"
      className={isOn ? "button w-full" : "button button-primary w-full"}
      data-testid="camera-toggle"
      aria-pressed={isOn}
      disabled={!isReady || camera.state === "starting"}
      onClick={camera.toggle}
    >
      <Icon size={16} aria-hidden="true" />
      {isOn ? "Pause camera" : "Switch camera on"}
    </button>
  );
}

export function CameraPill({
  camera,
  line,
}: {
  readonly camera: PageCamera;
  readonly line: LineState;
}): ReactNode {
  const isSending = camera.state === "on" && line === "open";
  return (
    <span className="pill">
      <span className={isSending ? "pill-dot pill-dot-on" : "pill-dot"} aria-hidden="true" />
      {pillWord(line, isSending)}
    </span>
  );
}

function pillWord(line: LineState, isSending: boolean): string {
  switch (line) {
    case "open":
      return isSending ? "camera on" : "camera off";
    case "connecting":
      return "connecting";
    case "waiting":
      return "reconnecting";
    case "stopped":
      return "session over";
  }
}
