/** A player event on its way to the wire. */

import { create } from "@bufbuild/protobuf";
import type { Segment } from "../capture/segments.ts";
import {
  type EventKind,
  type PlayerEvent,
  PlayerEventSchema,
  type PlayerState,
  SegmentSchema,
} from "../gen/rapt/v1/perception_pb.ts";

/** An event without its number, in the page's own clock. */
export interface Draft {
  readonly kind: EventKind;
  readonly atMs: number;
  readonly positionMs: number;
  readonly toMs: number;
  readonly value: number;
  readonly player: PlayerState;
  readonly ratePct: number;
  readonly isVisible: boolean;
  readonly isIdle: boolean;
  readonly segments: readonly Segment[];
}

/**
 * Numbers the event and turns its times into the gateway's clock.
 *
 * @param offsetUs gateway clock minus ours, microseconds
 * @param newestUs time of the event before it: a better offset must not make time go back
 */
export function encode(draft: Draft, seq: number, offsetUs: number, newestUs: bigint): PlayerEvent {
  const toServerUs = (atMs: number): bigint => BigInt(Math.round(atMs * 1000 + offsetUs));
  const atUs = toServerUs(draft.atMs);
  return create(PlayerEventSchema, {
    seq,
    kind: draft.kind,
    atUs: atUs > newestUs ? atUs : newestUs,
    positionMs: draft.positionMs,
    toMs: draft.toMs,
    value: draft.value,
    player: draft.player,
    ratePct: draft.ratePct,
    visible: draft.isVisible,
    idle: draft.isIdle,
    segments: draft.segments.map(({ fromMs, toMs, ratePct, isVisible, atMs }) =>
      create(SegmentSchema, { fromMs, toMs, ratePct, visible: isVisible, atUs: toServerUs(atMs) }),
    ),
  });
}
