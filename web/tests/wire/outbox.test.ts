/** Player events stay until they are safe. */

import { describe, expect, it } from "vitest";
import { acknowledge, emptyOutbox, MAX_WAITING, type Outbox, put } from "../../src/wire/outbox.ts";

interface Entry {
  readonly seq: number;
  readonly word: string;
}

function filled(count: number): Outbox<Entry> {
  let outbox = emptyOutbox<Entry>();
  for (let i = 1; i <= count; i += 1) outbox = put(outbox, (seq) => ({ seq, word: `event ${i}` }));
  return outbox;
}

describe("outbox", () => {
  it("numbers from one without gaps", () => {
    expect(filled(3).waiting.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  it("keeps what is not acknowledged and forgets the rest", () => {
    const outbox = acknowledge(filled(5), 3);
    expect(outbox.waiting.map(({ seq }) => seq)).toEqual([4, 5]);
    expect(outbox.nextSeq).toBe(6);
  });

  it("does not change for an old acknowledgement", () => {
    const outbox = acknowledge(filled(5), 3);
    expect(acknowledge(outbox, 2)).toBe(outbox);
  });

  it("goes on above a number that the gateway knows and we do not", () => {
    const outbox = acknowledge(emptyOutbox<Entry>(), 7);
    expect(put(outbox, (seq) => ({ seq, word: "" })).waiting[0]?.seq).toBe(8);
  });

  it("when full gives the newest number to the event that comes", () => {
    const outbox = filled(MAX_WAITING + 2);
    expect(outbox.waiting).toHaveLength(MAX_WAITING);
    expect(outbox.waiting.at(-1)).toEqual({ seq: MAX_WAITING, word: `event ${MAX_WAITING + 2}` });
    expect(outbox.waiting[0]?.seq).toBe(1);
  });
});
