/**
 * What the page knows, folded from the messages of the gateway.
 *
 * Pure. Every field is a value the screen may show; nothing here asks a clock or touches the network.
 */

import type { Control, Shed, ShedReason, Verdict } from "../gen/rapt/v1/perception_pb.ts";
import type { ServerMessage } from "../gen/rapt/v1/viewing_pb.ts";
import { NoticeCode } from "../gen/rapt/v1/viewing_pb.ts";
import type { Showing } from "../states/showing.ts";
import { EMPTY_WALL, showingOfState, type WallNow, withWall } from "./wall.ts";

/** The lane of the student page: five minutes. */
export const TRAIL_S = 300;

/** The last verdict, as the student sees it. */
export interface Said {
  readonly showing: Showing;
  readonly probability: number;
  readonly attention: number | null;
  readonly reasons: readonly string[];
  /** When it arrived, milliseconds of our own clock. */
  readonly atMs: number;
  readonly sequence: bigint;
  /** Microseconds from the arrival of the frame to its answer. */
  readonly serverUs: number;
}

/** What was said in one second. */
export interface TrailPoint {
  readonly atS: number;
  readonly showing: Showing;
  readonly attention: number | null;
}

export type Measuring = "usual" | "less_often" | "paused";

export interface Live {
  readonly said: Said | null;
  readonly trail: readonly TrailPoint[];
  readonly control: Control | null;
  readonly controlAtMs: number;
  readonly verdicts: number;
  readonly shed: ReadonlyMap<ShedReason, number>;
  readonly measuring: Measuring;
  readonly notice: string;
  readonly policy: string;
  readonly beatS: number;
  readonly wall: WallNow;
  readonly isClosed: boolean;
}

export const NOTHING_YET: Live = {
  said: null,
  trail: [],
  control: null,
  controlAtMs: 0,
  verdicts: 0,
  shed: new Map(),
  measuring: "usual",
  notice: "",
  policy: "",
  beatS: 5,
  wall: EMPTY_WALL,
  isClosed: false,
};

/** Adds one message; `nowMs` is our own clock. */
export function next(live: Live, message: ServerMessage, nowMs: number): Live {
  const said = message.message;
  switch (said.case) {
    case "welcome": {
      const { policy, beatS, control } = said.value;
      const opened: Live = {
        ...live,
        policy,
        beatS: beatS || live.beatS,
        measuring: "usual",
        notice: "",
        isClosed: false,
      };
      return withControl(opened, control, nowMs);
    }
    case "verdict":
      return withVerdict(live, said.value, nowMs);
    case "shed":
      return withShed(live, said.value, nowMs);
    case "control":
      return withControl(live, said.value, nowMs);
    case "notice":
      return { ...live, notice: said.value.text, measuring: measuringAfter(live, said.value.code) };
    case "wall":
      return { ...live, wall: withWall(live.wall, said.value, nowMs) };
    case "closed":
      return { ...live, isClosed: true };
    case "pong":
    case undefined:
      return live;
    default:
      return unreachable(said);
  }
}

function withVerdict(live: Live, verdict: Verdict, nowMs: number): Live {
  const said: Said = {
    showing: showingOfState(verdict.state),
    probability: verdict.probability,
    attention: verdict.attention ?? null,
    reasons: verdict.reasons.map((reason) => reason.text).filter((text) => text !== ""),
    atMs: nowMs,
    sequence: verdict.sequence,
    serverUs: verdict.serverUs,
  };
  const trail = withTrail(live.trail, {
    atS: Math.floor(nowMs / 1000),
    showing: said.showing,
    attention: said.attention,
  });
  const answered = { ...live, said, trail, verdicts: live.verdicts + 1 };
  return withControl(answered, verdict.control, nowMs);
}

function withTrail(trail: readonly TrailPoint[], point: TrailPoint): readonly TrailPoint[] {
  const before = trail.filter(({ atS }) => atS > point.atS - TRAIL_S && atS !== point.atS);
  return [...before, point];
}

function withShed(live: Live, shed: Shed, nowMs: number): Live {
  const counts = new Map(live.shed);
  counts.set(shed.reason, (counts.get(shed.reason) ?? 0) + 1);
  return withControl({ ...live, shed: counts }, shed.control, nowMs);
}

function withControl(live: Live, control: Control | undefined, nowMs: number): Live {
  return control === undefined ? live : { ...live, control, controlAtMs: nowMs };
}

function measuringAfter(live: Live, code: NoticeCode): Measuring {
  switch (code) {
    case NoticeCode.MEASURING_PAUSED:
      return "paused";
    case NoticeCode.MEASURING_RESUMED:
      return "usual";
    case NoticeCode.MEASURING_LESS_OFTEN:
      return "less_often";
    default:
      return live.measuring;
  }
}

function unreachable(value: never): never {
  throw new Error(`unknown message ${JSON.stringify(value)}`);
}
