/**
 * What the player and the page did, told to the gateway.
 *
 * It reads the player four times a second, folds what was played, and reports events and five-second beats, each with
 * all segments so far. Who plays (a video, a lesson's clock) is behind `sense`.
 */

import { EventKind, PlayerState } from "../gen/rapt/v1/perception_pb.ts";
import { nowMs, type Viewing } from "../wire/viewing.ts";
import { allSegments, jump, NOTHING_PLAYED, type Played, type Reading, read } from "./segments.ts";

/** No input for this long is idle, milliseconds. */
const IDLE_MS = 5 * 60_000;
/** Seeks this close together are one. */
const SEEK_QUIET_MS = 400;
const INPUTS = ["pointermove", "pointerdown", "keydown", "wheel", "touchstart"] as const;

/** The player now. */
export interface Sense {
  readonly positionMs: number;
  readonly ratePct: number;
  readonly player: PlayerState;
}

interface Extra {
  readonly positionMs?: number;
  readonly toMs?: number;
  readonly value?: number;
}

export class Recorder {
  readonly #viewing: Viewing;
  readonly #sense: () => Sense;
  readonly #ticker = new Worker(new URL("./ticker.worker.ts", import.meta.url), { type: "module" });
  readonly #stopped = new AbortController();
  #played: Played = NOTHING_PLAYED;
  #isVisible = isSeen();
  #isIdle = false;
  #inputAtMs = nowMs();
  #beatAtMs = nowMs();
  #seek: { fromMs: number; atMs: number } | null = null;

  constructor(viewing: Viewing, sense: () => Sense) {
    this.#viewing = viewing;
    this.#sense = sense;
    this.#ticker.onmessage = () => this.#tick();
    const { signal } = this.#stopped;
    document.addEventListener("visibilitychange", () => this.#visibility(), { signal });
    const blur = (): void => {
      if (!document.pictureInPictureElement) this.report(EventKind.BLUR);
    };
    addEventListener("blur", blur, { signal });
    addEventListener("focus", () => this.report(EventKind.FOCUS), { signal });
    addEventListener("pagehide", () => this.#leave(), { signal });
    for (const input of INPUTS) {
      addEventListener(input, () => this.#input(), { signal, passive: true, capture: true });
    }
    this.report(EventKind.OPEN);
  }

  /** Everything played so far. */
  get played(): Played {
    return this.#played;
  }

  /** Tells one event, after a reading of the player. */
  report(kind: EventKind, extra: Extra = {}): void {
    if (kind !== EventKind.SEEK) this.#tellSeek();
    this.#read();
    const sense = this.#sense();
    const positionMs = extra.positionMs ?? sense.positionMs;
    this.#beatAtMs = nowMs();
    this.#viewing.report({
      kind,
      atMs: nowMs(),
      positionMs,
      toMs: extra.toMs ?? positionMs,
      value: extra.value ?? 0,
      player: sense.player,
      ratePct: sense.ratePct,
      isVisible: this.#isVisible,
      isIdle: this.#isIdle,
      segments: allSegments(this.#played),
    });
  }

  /** Takes a reading now, because the player just began to move or stopped. */
  look(): void {
    this.#read();
  }

  /** The position is about to change, or just did, by other means than playing. */
  seeking(): void {
    const { played, fromMs } = jump(this.#played, nowMs());
    this.#played = played;
    this.#seek = { fromMs: this.#seek?.fromMs ?? fromMs, atMs: nowMs() };
  }

  /** Ends with a CLOSE event. */
  stop(): void {
    if (this.#stopped.signal.aborted) return;
    this.report(EventKind.CLOSE);
    this.#stopped.abort();
    this.#ticker.terminate();
  }

  #tick(): void {
    const now = nowMs();
    this.#read();
    if (this.#seek !== null && now - this.#seek.atMs >= SEEK_QUIET_MS) this.#tellSeek();
    const isPlaying = this.#sense().player === PlayerState.PLAYING;
    if (isPlaying && !this.#isIdle && now - this.#inputAtMs >= IDLE_MS) {
      this.#isIdle = true;
      this.report(EventKind.IDLE);
    }
    if (now - this.#beatAtMs >= this.#viewing.state.live.beatS * 1000 && this.#seek === null) {
      this.report(EventKind.BEAT);
    }
  }

  #tellSeek(): void {
    if (this.#seek === null) return;
    const { fromMs } = this.#seek;
    this.#seek = null;
    this.report(EventKind.SEEK, { positionMs: fromMs, toMs: this.#sense().positionMs });
  }

  #read(): void {
    const sense = this.#sense();
    const reading: Reading = {
      nowMs: nowMs(),
      positionMs: sense.positionMs,
      isMoving: sense.player === PlayerState.PLAYING,
      ratePct: sense.ratePct,
      isVisible: this.#isVisible,
    };
    this.#played = read(this.#played, reading);
  }

  #visibility(): void {
    // Read first: what was played until now was played under the old visibility.
    this.#read();
    this.#isVisible = isSeen();
    this.report(this.#isVisible ? EventKind.VISIBLE : EventKind.HIDDEN);
  }

  #input(): void {
    this.#inputAtMs = nowMs();
    if (!this.#isIdle) return;
    this.#isIdle = false;
    this.report(EventKind.ACTIVE);
  }

  #leave(): void {
    this.report(EventKind.CLOSE);
    this.#viewing.lastWords();
  }
}

/** A page in the background is still seen through Picture-in-Picture. */
function isSeen(): boolean {
  return document.visibilityState === "visible" || Boolean(document.pictureInPictureElement);
}
