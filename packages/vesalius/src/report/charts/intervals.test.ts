import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { htmlReport } from "../index.ts";
import type { BarsSection } from "../sections/bars.ts";
import { barsChart, forestChart, niceRange } from "./intervals.ts";
import { loadChartRenderer } from "./renderer.ts";

const row = (label: string, value: number | null, lower: number | null = null, upper: number | null = null) => ({
  label,
  estimate: { value, lower, upper },
});

describe("niceRange", () => {
  const number = fc.double({ min: -1000, max: 1000, noNaN: true });

  test("holds every value, reference and baseline, in whole steps and few of them", () => {
    fc.assert(
      fc.property(fc.array(number, { minLength: 1, maxLength: 6 }), fc.option(number), (values, start) => {
        const rows = values.map((value) => row("x", value));
        const { min, max, step } = niceRange(rows, [], start ?? undefined);
        const all = start === null ? values : [...values, start];
        expect(min).toBeLessThanOrEqual(Math.min(...all) + 1e-6 * step);
        expect(max).toBeGreaterThanOrEqual(Math.max(...all) - 1e-6 * step);
        const steps = (max - min) / step;
        expect(steps).toBeCloseTo(Math.round(steps), 6);
        expect(steps).toBeLessThanOrEqual(8);
        if (start !== null && start <= Math.min(...values)) expect(min).toBe(start);
      }),
    );
  });

  test("of no value at all still draws an axis", () => {
    expect(niceRange([row("x", null)], [])).toEqual({ min: 0, max: 1, step: 0.2 });
  });
});

describe("rows of few cases", () => {
  const few = { label: "site C", estimate: { value: 1, lower: 0.2, upper: 1, caution: "only 4 cases" } };
  const none = { label: "site D", estimate: { value: 1, lower: null, upper: null, reason: "no interval: 1 case" } };

  test("are marked beside their value, and what is to be said of them stands below the figure", async () => {
    const rows = [row("site A", 0.75, 0.7, 0.8), few, { ...few, label: "site E" }, none];
    const section = { kind: "forest", title: "AUC", valueLabel: "AUC", rows, note: "By site." } as const;
    const page = await htmlReport({ title: "t", sections: [section] });
    expect(page).toContain("By site. * site C, site E: only 4 cases. site D: no interval: 1 case.");
    expect(page.match(/1\.000 \(0\.200–1\.000\)\*/g)).toHaveLength(2);
    expect(page).toContain("1.000*");
    expect(page).not.toContain("0.750 (0.700–0.800)*");
  });

  test("stand in the legend of curves", async () => {
    const curve = { name: "c", falsePositiveRate: [0, 1], truePositiveRate: [0, 1], area: few.estimate };
    const page = await htmlReport({ title: "t", sections: [{ kind: "roc", title: "ROC", curves: [curve] }] });
    expect(page).toContain("AUC 1.000 (0.200–1.000); only 4 cases");
  });
});

describe("drawn charts", () => {
  const bars = {
    kind: "bars",
    title: "AUC",
    valueLabel: "AUC",
    rows: [row("scratch", 0.75, 0.7, 0.8), row("LoRA", 1, 0.9, 1), row("failed", null)],
  } as const satisfies BarsSection;

  test("bars are as long as their value above the baseline", async () => {
    const render = await loadChartRenderer();
    const widths = (baseline: number) =>
      [...render(barsChart({ ...bars, baseline }), "a", "b").text.matchAll(/l([\d.]+) 0l0 16/g)].map(
        (match) => +match[1]!,
      );
    const [scratch, lora, ...others] = widths(0);
    expect(others).toEqual([]);
    expect(scratch! / lora!).toBeCloseTo(0.75, 2);
    const [above, aboveLora] = widths(0.5);
    expect(above! / aboveLora!).toBeCloseTo(0.5, 2);
  });

  test("each defined value of a forest plot has one interval of the right length, and the rest say so", async () => {
    const render = await loadChartRenderer();
    const forest = { ...bars, kind: "forest", reference: 0.8 } as const;
    const { text } = render(forestChart(forest), "a", "b");
    const lines = [...text.matchAll(/d="M([\d.]+) ([\d.]+)L([\d.]+) \2"[^>]*stroke="var\(--series-1\)"/g)];
    const lengths = lines.map((match) => +match[3]! - +match[1]!);
    expect(lengths).toHaveLength(2);
    expect(lengths[0]).toBeCloseTo(lengths[1]!, 0);
    expect(text).toContain("0.750 (0.700–0.800)");
    expect(text).toContain("not defined");
    expect(text).toContain("stroke-dasharray");
  });
});
