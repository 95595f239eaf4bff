import { describe, expect, test } from "vitest";
import { seriesColours } from "./palette.ts";
import { styleSheet } from "./style.ts";

type Colour = readonly [number, number, number];

const hex = (text: string): Colour => [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16)) as unknown as Colour;

/** Contrast ratio of WCAG 2. */
function contrast(a: Colour, b: Colour): number {
  const luminance = (colour: Colour) => {
    const [red, green, blue] = colour.map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    }) as unknown as Colour;
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

const [lightTheme, darkTheme] = [...styleSheet.matchAll(/:root \{([^}]*)\}/g)].map(
  (match) => new Map([...match[1]!.matchAll(/(--[\w-]+): ([^;]+);/g)].map(([, name, value]) => [name!, value!])),
);

describe.each([
  ["light", lightTheme!, seriesColours.light],
  ["dark", darkTheme!, seriesColours.dark],
])("the %s theme", (_, theme, series) => {
  const paper = hex(theme.get("--paper")!);

  test.each(["--ink", "--muted", "--accent"])("text in %s is legible on the page and on tinted ground", (name) => {
    expect(contrast(hex(theme.get(name)!), paper)).toBeGreaterThan(4.5);
    expect(contrast(hex(theme.get(name)!), hex(theme.get("--tint")!))).toBeGreaterThan(4.5);
  });

  test("series stand out from the page, also as bars of three quarters opacity", () => {
    for (const [i, colour] of series.entries()) {
      expect(theme.get(`--series-${i + 1}`)).toBe(colour);
      expect(contrast(hex(colour), paper)).toBeGreaterThan(3.5);
      const bar = hex(colour).map((value, channel) => 0.75 * value + 0.25 * paper[channel]!) as unknown as Colour;
      expect(contrast(bar, paper)).toBeGreaterThan(2.9);
    }
  });

  test("numbers are legible on the darkest cell of a confusion matrix", () => {
    const shade = theme.get("--shade")!.split(" ").map(Number);
    const cell = shade.map((value, channel) => 0.55 * value + 0.45 * paper[channel]!) as unknown as Colour;
    expect(contrast(hex(theme.get("--ink")!), cell)).toBeGreaterThan(4.5);
  });
});

test("the style sheet asks for nothing from elsewhere", () => {
  expect(styleSheet).not.toMatch(/@import|url\(|https?:/);
});
