/**
 * Player events that are not safe yet.
 *
 * Pure. An event leaves when the gateway has acknowledged its number, never earlier, so a lost message or a cut socket
 * loses nothing. Full: the newest gives its number to the one that comes, because each carries all segments.
 */

/** At one event a second this is more than eight minutes without a gateway. */
export const MAX_WAITING = 512;

export interface Numbered {
  readonly seq: number;
}

export interface Outbox<Entry extends Numbered> {
  readonly nextSeq: number;
  readonly waiting: readonly Entry[];
}

export function emptyOutbox<Entry extends Numbered>(): Outbox<Entry> {
  return { nextSeq: 1, waiting: [] };
}

/** Adds an event made with the next number. */
export function put<Entry extends Numbered>(
  outbox: Outbox<Entry>,
  make: (seq: number) => Entry,
): Outbox<Entry> {
  if (outbox.waiting.length >= MAX_WAITING) {
    const kept = outbox.waiting.slice(0, -1);
    return { nextSeq: outbox.nextSeq, waiting: [...kept, make(outbox.nextSeq - 1)] };
  }
  return { nextSeq: outbox.nextSeq + 1, waiting: [...outbox.waiting, make(outbox.nextSeq)] };
}

/** Forgets everything up to an acknowledged number. */
export function acknowledge<Entry extends Numbered>(
  outbox: Outbox<Entry>,
  ackedSeq: number,
): Outbox<Entry> {
  const waiting = outbox.waiting.filter((entry) => entry.seq > ackedSeq);
  const nextSeq = Math.max(outbox.nextSeq, ackedSeq + 1);
  if (waiting.length === outbox.waiting.length && nextSeq === outbox.nextSeq) return outbox;
  return { nextSeq, waiting };
}
