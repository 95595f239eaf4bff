import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { z } from "zod";

const fixtureSchema = z.object({
  cases: z.array(
    z.object({
      id: z.string(),
      options: z.record(z.string(), z.unknown()),
      inputs: z.record(z.string(), z.unknown()),
      expected: z.unknown(),
    }),
  ),
});

/** Inputs of a metric and what the original implementation gives for them. */
export type MetricCase = z.infer<typeof fixtureSchema>["cases"][number];

/** Cases of `fixtures/reference/metric/${metric}`. */
export function metricCases(metric: string): MetricCase[] {
  const file = new URL(`../../fixtures/reference/metric/${metric}/fixture.json`, import.meta.url);
  return fixtureSchema.parse(JSON.parse(readFileSync(file, "utf8"))).cases;
}

/** A column of numbers among the inputs of a case. */
export const columnOf = ({ inputs }: MetricCase, name: string): number[] => z.array(z.number()).parse(inputs[name]);

/** The expected values of a case that has several, by name. */
export const expectedOf = ({ expected }: MetricCase): Record<string, unknown> =>
  z.record(z.string(), z.unknown()).parse(expected);

/**
 * Fails unless a metric agrees with its fixture: the same number within the tolerance, the same special value, or a
 * `bad-data` error where the original raises an exception.
 */
export function expectMetric(actual: () => number, expected: unknown, tolerance = 1e-6, name = "metric"): void {
  if (typeof expected === "object") {
    expect(expected).toHaveProperty("error");
    expect(actual).toThrow(expect.objectContaining({ code: "bad-data" }));
  } else if (typeof expected === "string") {
    expect(["NaN", "Infinity", "-Infinity"]).toContain(expected);
    expect(actual(), name).toBe(Number(expected));
  } else expect(Math.abs(actual() - z.number().parse(expected)), name).toBeLessThanOrEqual(tolerance);
}
