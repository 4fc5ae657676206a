/** Contrast of every token in both themes, computed from the style sheet itself. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

type Tokens = ReadonlyMap<string, string>;

const CSS = readFileSync("src/styles/tokens.css", "utf8");

function tokensOf(selector: string): Tokens {
  const from = CSS.indexOf(`${selector} {`);
  const block = CSS.slice(from, CSS.indexOf("}", from));
  return new Map(
    [...block.matchAll(/(--[\w-]+): (#[0-9a-f]{6});/g)].map(([, name = "", hex = ""]) => [
      name,
      hex,
    ]),
  );
}

/** Relative luminance, WCAG 2.2. */
function luminance(hex: string): number {
  const channel = (at: number): number => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

const GROUNDS = ["--bg", "--surface", "--surface-2"] as const;
const TEXTS = [
  "--text",
  "--text-2",
  "--text-3",
  "--accent",
  "--focused",
  "--away",
  "--error",
] as const;

describe.each([
  ["light", ":root"],
  ["dark", ':root[data-theme="dark"]'],
])("%s theme", (_, selector) => {
  const tokens = tokensOf(selector);
  const hex = (name: string): string => {
    const value = tokens.get(name);
    if (value === undefined) throw new Error(`${name} is missing in ${selector}`);
    return value;
  };

  it.each(TEXTS.flatMap((text) => GROUNDS.map((ground) => [text, ground])))(
    "%s on %s is readable text",
    (text, ground) => {
      expect(contrast(hex(text), hex(ground))).toBeGreaterThanOrEqual(4.5);
    },
  );

  it.each(GROUNDS)("an edge of a control is visible on %s", (ground) => {
    expect(contrast(hex("--line-strong"), hex(ground))).toBeGreaterThanOrEqual(3);
  });

  it("drifting is readable on its tint and on the page", () => {
    expect(contrast(hex("--drifting"), hex("--drifting-tint"))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(hex("--drifting"), hex("--surface"))).toBeGreaterThanOrEqual(4.5);
  });

  it("text on the accent is readable", () => {
    expect(contrast(hex("--on-accent"), hex("--accent"))).toBeGreaterThanOrEqual(4.5);
  });

  it("more heat is further from the ground", () => {
    const steps = [1, 2, 3, 4, 5, 6].map((step) =>
      contrast(hex(`--heat-${step}`), hex("--surface")),
    );
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
  });
});

it("both themes define the same tokens", () => {
  const names = [":root", ':root[data-theme="dark"]'].map((one) =>
    [...tokensOf(one).keys()].sort(),
  );
  expect(names[1]).toEqual(names[0]);
});
