/**
 * The camera, one encoded picture at a time.
 *
 * `take` asks the worker for the newest picture. Where the browser can stream frames the worker reads them itself,
 * else the page makes one bitmap per picture from an element that nobody sees and nothing mirrors.
 */

import type { Encoded, ToEncoder } from "./encoder.worker.ts";

const WANTED: MediaStreamConstraints = {
  audio: false,
  video: { width: 640, height: 480, frameRate: { max: 15 }, facingMode: "user" },
};

interface TrackProcessor {
  readonly readable: ReadableStream<VideoFrame>;
}

type TrackProcessorMaker = new (init: { track: MediaStreamTrack }) => TrackProcessor;

export class Camera {
  readonly #stream: MediaStream;
  readonly #worker = new Worker(new URL("./encoder.worker.ts", import.meta.url), {
    type: "module",
  });
  readonly #video: HTMLVideoElement | null;
  #isTaking = false;

  private constructor(stream: MediaStream, video: HTMLVideoElement | null) {
    this.#stream = stream;
    this.#video = video;
  }

  /**
   * Asks for the camera.
   *
   * @param ended called when the camera is unplugged or taken away
   */
  static async open(ended: () => void): Promise<Camera> {
    const stream = await navigator.mediaDevices.getUserMedia(WANTED);
    const track = stream.getVideoTracks()[0];
    if (track === undefined) throw new Error("the camera has no picture");
    track.onended = ended;
    const Processor = (globalThis as { MediaStreamTrackProcessor?: TrackProcessorMaker })
      .MediaStreamTrackProcessor;
    if (Processor === undefined) return new Camera(stream, await playing(stream));
    const camera = new Camera(stream, null);
    const { readable } = new Processor({ track });
    camera.#tell({ kind: "stream", stream: readable }, [readable as unknown as Transferable]);
    return camera;
  }

  /** The newest picture, or null when there is none yet or one is being made. */
  async take(width: number, qualityPct: number): Promise<Encoded | null> {
    if (this.#isTaking) return null;
    this.#isTaking = true;
    try {
      if (this.#video !== null) {
        const bitmap = await createImageBitmap(this.#video);
        this.#tell({ kind: "picture", bitmap }, [bitmap]);
      }
      return await this.#encoded(width, qualityPct);
    } finally {
      this.#isTaking = false;
    }
  }

  close(): void {
    for (const track of this.#stream.getTracks()) track.stop();
    this.#worker.terminate();
  }

  #encoded(width: number, qualityPct: number): Promise<Encoded | null> {
    return new Promise((resolve) => {
      this.#worker.onmessage = ({ data }: MessageEvent<Encoded | null>) => resolve(data);
      this.#tell({ kind: "encode", width, qualityPct }, []);
    });
  }

  #tell(message: ToEncoder, transfer: Transferable[]): void {
    this.#worker.postMessage(message, transfer);
  }
}

async function playing(stream: MediaStream): Promise<HTMLVideoElement> {
  const video = document.createElement("video");
  video.muted = true;
  video.playsInline = true;
  video.srcObject = stream;
  await video.play();
  return video;
}
