/**
 * The wall, folded from packed changes.
 *
 * Pure. Six bytes a seat: number (2, big-endian), state (high 4 bits) and flags (low 4 bits), attention, probability,
 * seconds in state. A full message replaces every seat; any other changes only the seats it names.
 */

import { State } from "../gen/rapt/v1/perception_pb.ts";
import type { Pulse, Wall } from "../gen/rapt/v1/viewing_pb.ts";
import type { Showing } from "../states/showing.ts";

export const BYTES_PER_SEAT = 6;
const NO_ATTENTION = 255;
const FLAG_CAMERA = 1;
const FLAG_HAND = 2;
const FLAG_HIDDEN = 4;
const FLAG_LEFT = 8;
/** Pulses kept: half an hour, one a second. */
const KEPT_PULSES = 1800;

export interface SeatNow {
  readonly seat: number;
  readonly showing: Showing;
  /** Probability that the eyes are on the content, 0..1; null where there is none. */
  readonly attention: number | null;
  readonly handUp: boolean;
  /** When this state began, milliseconds of our own clock. */
  readonly sinceMs: number;
}

export interface SeatName {
  readonly name: string;
  readonly initials: string;
}

export interface PulsePoint {
  readonly atS: number;
  readonly median: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly n: number;
  readonly present: number;
}

export interface WallNow {
  readonly seats: ReadonlyMap<number, SeatNow>;
  readonly names: ReadonlyMap<number, SeatName>;
  readonly pulses: readonly PulsePoint[];
  readonly isReady: boolean;
}

export const EMPTY_WALL: WallNow = {
  seats: new Map(),
  names: new Map(),
  pulses: [],
  isReady: false,
};

/** Adds one message; `nowMs` is our own clock. */
export function withWall(wall: WallNow, message: Wall, nowMs: number): WallNow {
  const seats = new Map(message.full ? [] : wall.seats);
  for (const next of unpack(message.telemetry, nowMs)) {
    seats.set(next.seat, keepStart(wall.seats.get(next.seat), next));
  }
  const names = new Map(wall.names);
  for (const { seat, name, initials } of message.seats) names.set(seat, { name, initials });
  return { seats, names, pulses: withPulses(wall.pulses, message), isReady: true };
}

/** Reads packed seats; a cut last seat is left out. */
export function unpack(bytes: Uint8Array, nowMs: number): SeatNow[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const seats: SeatNow[] = [];
  for (let at = 0; at + BYTES_PER_SEAT <= bytes.length; at += BYTES_PER_SEAT) {
    const stateAndFlags = view.getUint8(at + 2);
    const flags = stateAndFlags & 15;
    const attention = view.getUint8(at + 3);
    seats.push({
      seat: view.getUint16(at),
      showing: showingOf(stateAndFlags >> 4, flags),
      attention: attention === NO_ATTENTION ? null : attention / 100,
      handUp: (flags & FLAG_HAND) !== 0,
      sinceMs: nowMs - view.getUint8(at + 5) * 1000,
    });
  }
  return seats;
}

/** A choice or a signal of the player comes before what the camera says. */
function showingOf(state: number, flags: number): Showing {
  if (flags & FLAG_LEFT) return "left";
  if (flags & FLAG_HIDDEN) return "tab_hidden";
  if (!(flags & FLAG_CAMERA)) return "camera_off";
  return showingOfState(state);
}

/** What the screen says for a state of the wire. */
export function showingOfState(state: State): Showing {
  switch (state) {
    case State.FOCUSED:
      return "focused";
    case State.DRIFTING:
      return "drifting";
    case State.AWAY:
      return "away";
    case State.EYES_CLOSED:
      return "eyes_closed";
    case State.ABSENT:
      return "absent";
    default:
      return "unknown";
  }
}

/** The wire counts to 255 seconds; past that we go on from what we knew. */
function keepStart(before: SeatNow | undefined, next: SeatNow): SeatNow {
  if (before === undefined || before.showing !== next.showing) return next;
  return { ...next, sinceMs: Math.min(before.sinceMs, next.sinceMs) };
}

function withPulses(pulses: readonly PulsePoint[], message: Wall): readonly PulsePoint[] {
  const past = message.history.length > 0 ? message.history.map(pulsePoint) : pulses;
  if (message.pulse === undefined) return past;
  const now = pulsePoint(message.pulse);
  const before = past.filter((point) => point.atS < now.atS);
  return [...before, now].slice(-KEPT_PULSES);
}

function pulsePoint(pulse: Pulse): PulsePoint {
  return {
    atS: Number(pulse.atS),
    median: pulse.median ?? null,
    low: pulse.low ?? null,
    high: pulse.high ?? null,
    n: pulse.n,
    present: pulse.present,
  };
}
