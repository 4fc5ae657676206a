/** The moment in the address: `?t=250` or `?t=4:10`. */

/** Seconds, or 0. */
export function secondOfAddress(search: string): number {
  const text = new URLSearchParams(search).get("t");
  if (text === null) return 0;
  const seconds = text.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
  return Number.isFinite(seconds) && seconds > 0 ? seconds : 0;
}

/** Writes the moment without a new entry in the history. */
export function writeSecond(atS: number): void {
  const url = new URL(location.href);
  url.searchParams.set("t", String(Math.floor(atS)));
  history.replaceState(history.state, "", url);
}
