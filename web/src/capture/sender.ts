/**
 * Camera pictures to the gateway, at the pace it asks for.
 *
 * None while the page is hidden, none while one is under way, and always the newest.
 */

import { create } from "@bufbuild/protobuf";
import { FrameSchema } from "../gen/rapt/v1/perception_pb.ts";
import { nowMs, type Viewing } from "../wire/viewing.ts";
import { Camera } from "./camera.ts";
import type { Encoded } from "./encoder.worker.ts";
import { isDue, type Pace, startPace, type Wanted, withAnswer, withSent } from "./pace.ts";

/** A quarter of the shortest interval between pictures: what is due late costs a part of the rate. */
const LOOK_EVERY_MS = 25;
const USUAL: Wanted = { ackedSequence: 0n, credits: 1, targetFpsMilli: 2000 };
const USUAL_WIDTH_PX = 320;
const USUAL_QUALITY_PCT = 60;
const BUDGET_MS = 1_000;
/** More pictures than this waiting in the browser is a slow network. */
const MAX_BUFFERED_BYTES = 32 * 1024;

/** A picture that left, byte for byte. */
export interface Sent {
  readonly sequence: bigint;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
}

export class Sender {
  readonly #camera: Camera;
  readonly #viewing: Viewing;
  readonly #sent: (sent: Sent) => void;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #unsubscribe: () => void;
  #pace: Pace;

  private constructor(camera: Camera, viewing: Viewing, pace: Pace, sent: (sent: Sent) => void) {
    this.#camera = camera;
    this.#viewing = viewing;
    this.#pace = pace;
    this.#sent = sent;
    this.#timer = setInterval(() => void this.#look(), LOOK_EVERY_MS);
    this.#unsubscribe = viewing.subscribe(() => this.#learn());
  }

  /** Opens the camera and begins; `last` is the highest sequence already used in this session. */
  static async open(
    viewing: Viewing,
    last: bigint,
    on: { sent: (sent: Sent) => void; ended: () => void },
  ): Promise<Sender> {
    const camera = await Camera.open(on.ended);
    return new Sender(camera, viewing, startPace(nowMs(), last), on.sent);
  }

  /** Highest sequence used. */
  get lastSequence(): bigint {
    return this.#pace.lastSequence;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#unsubscribe();
    this.#camera.close();
  }

  async #look(): Promise<void> {
    const { line, live } = this.#viewing.state;
    if (line !== "open" || document.visibilityState !== "visible") return;
    if (this.#viewing.bufferedBytes > MAX_BUFFERED_BYTES) return;
    if (!isDue(this.#pace, live.control ?? USUAL, nowMs())) return;
    const width = live.control?.width || USUAL_WIDTH_PX;
    const qualityPct = live.control?.jpegQualityPct || USUAL_QUALITY_PCT;
    const encoded = await this.#camera.take(width, qualityPct);
    if (encoded !== null) this.#send(encoded);
  }

  #send(encoded: Encoded): void {
    const sequence = this.#pace.lastSequence + 1n;
    const { bytes, width, height, capturedMs } = encoded;
    const frame = create(FrameSchema, {
      sequence,
      capturedUs: BigInt(Math.round(capturedMs * 1000)),
      budgetMs: BUDGET_MS,
      width,
      height,
      content: { case: "image", value: bytes },
    });
    if (!this.#viewing.sendFrame(frame)) return;
    this.#pace = withSent(this.#pace, nowMs());
    this.#sent({ sequence, bytes, width, height });
  }

  #learn(): void {
    const { said } = this.#viewing.state.live;
    if (said !== null) this.#pace = withAnswer(this.#pace, said.sequence, said.atMs);
  }
}
