/** What the page knows after each message. */

import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { ShedReason, State } from "../../src/gen/rapt/v1/perception_pb.ts";
import { NoticeCode, ServerMessageSchema } from "../../src/gen/rapt/v1/viewing_pb.ts";
import { type Live, NOTHING_YET, next, TRAIL_S } from "../../src/wire/fold.ts";

const NOW_MS = 1_800_000_000_000;

type Init = NonNullable<MessageInitShape<typeof ServerMessageSchema>["message"]>;

function told(live: Live, message: Init, nowMs = NOW_MS): Live {
  return next(live, create(ServerMessageSchema, { message }), nowMs);
}

function verdict(state: State, attention?: number): Init {
  const reasons = [{ text: "head turned 41° right for 3 s" }, { text: "" }];
  const measured = attention === undefined ? {} : { attention };
  return {
    case: "verdict",
    value: { sequence: 5n, state, probability: 0.9, reasons, ...measured },
  };
}

describe("a verdict", () => {
  it("is what is said, with the reasons that have words", () => {
    const { said } = told(NOTHING_YET, verdict(State.AWAY, 0.2));
    expect(said?.showing).toBe("away");
    expect(said?.attention).toBeCloseTo(0.2);
    expect(said?.reasons).toEqual(["head turned 41° right for 3 s"]);
  });

  it("without attention has none: absent is not zero", () => {
    expect(told(NOTHING_YET, verdict(State.ABSENT)).said?.attention).toBeNull();
  });

  it("stands in the trail once a second, the last one", () => {
    let live = told(NOTHING_YET, verdict(State.FOCUSED, 0.9), NOW_MS);
    live = told(live, verdict(State.AWAY, 0.1), NOW_MS + 500);
    live = told(live, verdict(State.FOCUSED, 0.8), NOW_MS + 1000);
    expect(live.trail.map(({ showing }) => showing)).toEqual(["away", "focused"]);
    expect(live.verdicts).toBe(3);
  });

  it("leaves the trail after five minutes", () => {
    let live = told(NOTHING_YET, verdict(State.FOCUSED, 0.9), NOW_MS);
    live = told(live, verdict(State.AWAY, 0.1), NOW_MS + TRAIL_S * 1000);
    expect(live.trail).toHaveLength(1);
  });
});

describe("the rest", () => {
  it("counts sheds by reason", () => {
    const shed = (reason: ShedReason): Init => ({ case: "shed", value: { reason } });
    let live = told(NOTHING_YET, shed(ShedReason.SUPERSEDED));
    live = told(live, shed(ShedReason.SUPERSEDED));
    live = told(live, shed(ShedReason.EXPIRED));
    expect(live.shed.get(ShedReason.SUPERSEDED)).toBe(2);
    expect(live.shed.get(ShedReason.EXPIRED)).toBe(1);
  });

  it("takes the pace from wherever it rides", () => {
    const control = { credits: 1, targetFpsMilli: 1500 };
    const riding = told(NOTHING_YET, { case: "shed", value: { control } });
    expect(riding.control?.targetFpsMilli).toBe(1500);
    const alone = told(riding, { case: "control", value: { targetFpsMilli: 500 } });
    expect(alone.control?.targetFpsMilli).toBe(500);
  });

  it("says that measuring is paused until it goes on or the gateway greets anew", () => {
    const notice = (code: NoticeCode): Init => ({ case: "notice", value: { code, text: "words" } });
    const paused = told(NOTHING_YET, notice(NoticeCode.MEASURING_PAUSED));
    expect(paused.measuring).toBe("paused");
    expect(told(paused, notice(NoticeCode.MEASURING_RESUMED)).measuring).toBe("usual");
    expect(told(paused, { case: "welcome", value: { beatS: 5 } }).measuring).toBe("usual");
    expect(told(paused, notice(NoticeCode.MEASURING_LESS_OFTEN)).measuring).toBe("less_often");
  });

  it("does not change for a message of a newer gateway", () => {
    expect(next(NOTHING_YET, create(ServerMessageSchema), NOW_MS)).toBe(NOTHING_YET);
  });
});
