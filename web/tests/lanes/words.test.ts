/** Numbers as people read them. */

import { expect, it } from "vitest";
import { change, clock, count, decimal, percent, span } from "../../src/lanes/words.ts";

it.each([
  [0, "0:00"],
  [75.9, "1:15"],
  [3675, "1:01:15"],
  [-3, "0:00"],
])("%d seconds are %s", (seconds, words) => {
  expect(clock(seconds)).toBe(words);
});

it("keeps the sign of a change, with a real minus", () => {
  expect(change(-0.114)).toBe("−0.11");
  expect(change(0.05)).toBe("+0.05");
  expect(change(-0.001)).toBe("±0.00");
});

it("writes nothing for nothing", () => {
  expect(decimal(null)).toBe("–");
  expect(percent(undefined)).toBe("–");
  expect(decimal(0)).toBe("0.00");
});

it("counts and measures with units", () => {
  expect(count(1, "start")).toBe("1 start");
  expect(count(12, "start")).toBe("12 starts");
  expect(span(45)).toBe("45 s");
  expect(span(180)).toBe("3 min");
});
