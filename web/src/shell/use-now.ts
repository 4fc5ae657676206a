/** The page's clock, told as often as asked. */

import { useEffect, useState } from "react";
import { nowMs } from "../wire/viewing.ts";

export function useNow(everyMs: number): number {
  const [now, setNow] = useState(nowMs);
  useEffect(() => {
    const timer = setInterval(() => setNow(nowMs()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
