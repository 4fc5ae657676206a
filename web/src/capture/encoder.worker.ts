/**
 * One camera picture to JPEG bytes, off the page's thread.
 *
 * It holds at most one picture, the newest. The picture is unmirrored: it comes from the track, never from an element.
 */

/** From the page. */
export type ToEncoder =
  | { readonly kind: "stream"; readonly stream: ReadableStream<VideoFrame> }
  | { readonly kind: "picture"; readonly bitmap: ImageBitmap }
  | { readonly kind: "encode"; readonly width: number; readonly qualityPct: number };

/** To the page. */
export interface Encoded {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
  /** When it was taken, milliseconds since 1970, steady clock. */
  readonly capturedMs: number;
}

interface Newest {
  readonly picture: VideoFrame | ImageBitmap;
  readonly capturedMs: number;
}

let newest: Newest | null = null;
let canvas: OffscreenCanvas | null = null;

addEventListener("message", ({ data }: MessageEvent<ToEncoder>) => {
  switch (data.kind) {
    case "stream":
      void follow(data.stream);
      break;
    case "picture":
      keep(data.bitmap);
      break;
    case "encode":
      void encode(data.width, data.qualityPct);
  }
});

async function follow(stream: ReadableStream<VideoFrame>): Promise<void> {
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    keep(value);
  }
}

function keep(picture: VideoFrame | ImageBitmap): void {
  newest?.picture.close();
  newest = { picture, capturedMs: performance.timeOrigin + performance.now() };
}

async function encode(width: number, qualityPct: number): Promise<void> {
  if (newest === null) {
    postMessage(null);
    return;
  }
  const { picture, capturedMs } = newest;
  newest = null;
  const height = Math.round((width * heightOf(picture)) / widthOf(picture) / 2) * 2;
  if (canvas?.width !== width || canvas.height !== height) {
    canvas = new OffscreenCanvas(width, height);
  }
  canvas.getContext("2d", { alpha: false })?.drawImage(picture, 0, 0, width, height);
  picture.close();
  const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: qualityPct / 100 });
  const bytes = new Uint8Array(await blob.arrayBuffer());
  postMessage({ bytes, width, height, capturedMs } satisfies Encoded, { transfer: [bytes.buffer] });
}

function widthOf(picture: VideoFrame | ImageBitmap): number {
  return "displayWidth" in picture ? picture.displayWidth : picture.width;
}

function heightOf(picture: VideoFrame | ImageBitmap): number {
  return "displayHeight" in picture ? picture.displayHeight : picture.height;
}
