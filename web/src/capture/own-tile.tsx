/** The very picture that was sent, byte for byte: decoded from what left, unmirrored. */

import { type ReactNode, useEffect, useRef } from "react";
import type { Sent } from "./sender.ts";
import type { CameraState } from "./use-camera.ts";

const SENTENCES: Readonly<Record<CameraState, string>> = {
  off: "Camera off",
  starting: "Waiting for the camera",
  on: "Waiting for the first picture",
  refused: "The browser did not give the camera. Allow it in the address bar, then try again.",
  lost: "The camera went away. Plug it in, then switch it on.",
};

export function OwnTile({
  sent,
  camera,
}: {
  readonly sent: Sent | null;
  readonly camera: CameraState;
}): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (sent === null) return;
    let isStale = false;
    const blob = new Blob([sent.bytes], { type: "image/jpeg" });
    void createImageBitmap(blob).then((picture) => {
      if (!isStale && canvas.current !== null) paint(canvas.current, picture);
      picture.close();
    });
    return () => {
      isStale = true;
    };
  }, [sent]);
  return (
    <figure
      className="own-tile"
      data-testid="own-tile"
      data-sequence={String(sent?.sequence ?? "")}
    >
      {sent === null ? (
        <div className="own-tile-empty">{SENTENCES[camera]}</div>
      ) : (
        <canvas ref={canvas} role="img" aria-label="The last picture that was sent, of you" />
      )}
      <figcaption className="mt-1 text-xs text-text-2">
        {sent === null ? "Nothing is sent." : caption(sent)}
      </figcaption>
    </figure>
  );
}

function paint(canvas: HTMLCanvasElement, picture: ImageBitmap): void {
  canvas.width = picture.width;
  canvas.height = picture.height;
  canvas.getContext("2d")?.drawImage(picture, 0, 0);
}

function caption({ width, height, bytes }: Sent): string {
  return `Exactly what was sent: ${width} × ${height}, ${(bytes.byteLength / 1000).toFixed(1)} kB`;
}
