import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { VesaliusError } from "../common/errors.ts";
import {
  layerDecayMultipliers,
  learningRateAt,
  scheduleSchema,
  type ScheduleInput,
  warmupCosine,
} from "./schedules.ts";

const number = z.number();
const fixture = z
  .object({
    cases: z.array(
      z.object({
        id: z.string(),
        base_lr: number.optional(),
        parameters: z.record(z.string(), z.union([number, z.string()])),
        epochs: z.array(number).optional(),
        values: z.array(number),
      }),
    ),
  })
  .parse(
    JSON.parse(
      readFileSync(new URL("../../fixtures/reference/schedule/schedules/fixture.json", import.meta.url), "utf8"),
    ),
  );

/** Which schedule reproduces a case: the rule, the length of the run, and the base where the case names it otherwise. */
type Reproduction = readonly [schedule: ScheduleInput, totalSteps: number, base?: number];
const reproductions: Record<string, (parameter: (name: string) => number) => Reproduction> = {
  cosine_warmup: (p) => [{ name: "cosine", warmupSteps: p("num_warmup_steps") }, p("num_training_steps")],
  cosine_warmup_half: (p) => [
    { name: "cosine", warmupSteps: p("num_warmup_steps"), cycles: p("num_cycles") },
    p("num_training_steps"),
  ],
  linear_warmup: (p) => [{ name: "linear", warmupSteps: p("num_warmup_steps") }, p("num_training_steps")],
  polynomial_warmup: (p) => [
    { name: "polynomial", warmupSteps: p("num_warmup_steps"), power: p("power"), endLearningRate: p("lr_end") },
    p("num_training_steps"),
  ],
  cosine_hard_restarts: (p) => [
    { name: "cosine-restarts", warmupSteps: p("num_warmup_steps"), cycles: p("num_cycles") },
    p("num_training_steps"),
  ],
  constant_warmup: (p) => [{ name: "constant", warmupSteps: p("num_warmup_steps") }, 30],
  mae_half_cycle_cosine: (p) => [
    { name: "cosine", warmupSteps: p("warmup_epochs"), minimumLearningRate: p("min_lr") },
    p("epochs"),
    p("lr"),
  ],
  dinov2_cosine_momentum: (p) => [
    { name: "dinov2-cosine", finalLearningRate: p("final_value") },
    p("total_iters"),
    p("base_value"),
  ],
  dinov2_cosine_lr: (p) => [
    {
      name: "dinov2-cosine",
      warmupSteps: p("warmup_iters"),
      freezeSteps: p("freeze_iters"),
      warmupStartLearningRate: p("start_warmup_value"),
      finalLearningRate: p("final_value"),
    },
    p("total_iters"),
    p("base_value"),
  ],
  torch_cosine_annealing: (p) => [{ name: "cosine", minimumLearningRate: p("eta_min") }, p("T_max")],
  torch_step: (p) => [{ name: "step", stepSize: p("step_size"), factor: p("gamma") }, 30],
  torch_one_cycle: (p) => [
    {
      name: "one-cycle",
      riseFraction: p("pct_start"),
      divisor: p("div_factor"),
      finalDivisor: p("final_div_factor"),
    },
    p("total_steps"),
    p("max_lr"),
  ],
  torch_exponential: (p) => [{ name: "exponential", factor: p("gamma") }, 30],
  torch_warm_restarts: (p) => [
    {
      name: "warm-restarts",
      firstCycleSteps: p("T_0"),
      cycleFactor: p("T_mult"),
      minimumLearningRate: p("eta_min"),
    },
    30,
  ],
  torch_polynomial: (p) => [{ name: "polynomial", power: p("power"), endLearningRate: 0 }, p("total_iters")],
};

describe("learningRateAt against the reference implementations", () => {
  it("has a reproduction for each of the 15 cases and no other", () => {
    expect(fixture.cases.map((one) => one.id).sort()).toEqual(Object.keys(reproductions).sort());
    expect(fixture.cases).toHaveLength(15);
  });

  it.each(fixture.cases)("$id", ({ id, base_lr, parameters, epochs, values }) => {
    const [schedule, totalSteps, base] = reproductions[id]!((name) => number.parse(parameters[name]));
    values.forEach((expected, i) => {
      const actual = learningRateAt(schedule, epochs?.[i] ?? i, totalSteps, base ?? number.parse(base_lr));
      // Where a cosine passes exactly through zero only the rounding of the reference is left: 1e-19 of the base.
      expect(Math.abs(actual - expected), `step ${i}: ${actual}`).toBeLessThanOrEqual(
        1e-9 * Math.abs(expected) + 1e-16,
      );
    });
  });
});

const warm = fc.double({ min: 0, max: 1, noNaN: true });
const anySchedule: fc.Arbitrary<ScheduleInput> = fc.oneof(
  fc
    .constantFrom("constant" as const, "linear" as const)
    .chain((name) => fc.record({ name: fc.constant(name), warmupFraction: warm })),
  fc.record({ name: fc.constant("cosine" as const), warmupFraction: warm }),
  fc.record({
    name: fc.constant("cosine-restarts" as const),
    warmupFraction: warm,
    cycles: fc.integer({ min: 1, max: 4 }),
  }),
  fc.record({ name: fc.constant("polynomial" as const), power: fc.double({ min: 0.2, max: 4, noNaN: true }) }),
  fc.record({
    name: fc.constant("one-cycle" as const),
    riseFraction: fc.double({ min: 0.01, max: 0.99, noNaN: true }),
  }),
  fc.record({ name: fc.constant("step" as const), stepSize: fc.integer({ min: 1, max: 50 }) }),
  fc.record({
    name: fc.constant("warm-restarts" as const),
    firstCycleSteps: fc.integer({ min: 1, max: 50 }),
    cycleFactor: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({ name: fc.constant("dinov2-cosine" as const), warmupFraction: warm }),
);

describe("learningRateAt", () => {
  it("stays between 0 and the base (or the polynomial's end) for every schedule, step and length", () => {
    fc.assert(
      fc.property(anySchedule, fc.integer({ min: 1, max: 500 }), fc.nat(500), (schedule, totalSteps, step) => {
        const value = learningRateAt(schedule, Math.min(step, totalSteps), totalSteps, 0.01);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(0.01 * (1 + 1e-12));
      }),
    );
  });

  it("gives the same numbers for a schedule that went through JSON and for one with its defaults filled in", () => {
    fc.assert(
      fc.property(anySchedule, fc.nat(100), (schedule, step) => {
        const direct = learningRateAt(schedule, step, 100, 0.01);
        expect(learningRateAt(JSON.parse(JSON.stringify(schedule)), step, 100, 0.01)).toBe(direct);
        expect(learningRateAt(scheduleSchema.parse(schedule), step, 100, 0.01)).toBe(direct);
      }),
    );
  });

  it("never rises after the warm-up of a cosine, linear or polynomial schedule", () => {
    for (const name of ["cosine", "linear", "polynomial"] as const) {
      const rates = Array.from({ length: 101 }, (_, step) => learningRateAt({ name, warmupSteps: 10 }, step, 100, 0.1));
      expect(rates[10]).toBeCloseTo(0.1, 15);
      for (let step = 11; step <= 100; step++) expect(rates[step]).toBeLessThanOrEqual(rates[step - 1]!);
    }
  });

  it("rounds a fractional warm-up up to whole steps", () => {
    expect(learningRateAt({ name: "constant", warmupFraction: 0.101 }, 1, 100, 1.1)).toBeCloseTo(0.1, 12);
  });

  it.each([
    ["an unknown name", { name: "cosinus" }],
    ["an unknown key", { name: "cosine", minLr: 0 }],
    ["two warm-ups", { name: "cosine", warmupSteps: 5, warmupFraction: 0.1 }],
    ["a negative warm-up", { name: "linear", warmupSteps: -1 }],
    ["a warm-up longer than the run", { name: "linear", warmupSteps: 101 }],
    ["a freeze and warm-up longer than the run", { name: "dinov2-cosine", warmupSteps: 60, freezeSteps: 60 }],
    ["a rise over the whole run", { name: "one-cycle", riseFraction: 1 }],
    ["no cycle length", { name: "warm-restarts" }],
  ])("refuses %s", (_, schedule) => {
    const call = () => learningRateAt(schedule as ScheduleInput, 0, 100, 0.1);
    expect(call).toThrow(VesaliusError);
    expect(call).toThrow(expect.objectContaining({ code: "bad-configuration" }));
  });

  it.each([
    [-1, 100, 0.1],
    [Number.NaN, 100, 0.1],
    [0, 0, 0.1],
    [0, 100, Number.POSITIVE_INFINITY],
    [0, 100, -0.1],
  ])("refuses step %d of %d with base %d", (step, totalSteps, base) => {
    expect(() => learningRateAt({ name: "constant" }, step, totalSteps, base)).toThrow(
      expect.objectContaining({ code: "bad-argument" }),
    );
  });

  it("allows a warm-up as long as the run", () => {
    expect(learningRateAt({ name: "cosine", warmupSteps: 10 }, 5, 10, 0.1)).toBeCloseTo(0.05, 15);
  });
});

describe("warmupCosine", () => {
  it("starts a warm-up of one step at the start value", () => {
    const options = { baseValue: 1, finalValue: 0, totalSteps: 10, warmupSteps: 1, warmupStartValue: 0.25 };
    expect(warmupCosine(options, 0)).toBe(0.25);
    expect(warmupCosine(options, 1)).toBe(1);
  });

  it("rises to the final value where that is the larger one, as a teacher's momentum does", () => {
    const options = { baseValue: 0.9, finalValue: 1, totalSteps: 50 };
    for (let step = 1; step <= 60; step++) {
      expect(warmupCosine(options, step)).toBeGreaterThanOrEqual(warmupCosine(options, step - 1));
    }
    expect(warmupCosine(options, 60)).toBe(1);
  });
});

describe("layerDecayMultipliers", () => {
  it("gives MAE's scales: decay^(depth + 1) for the embeddings up to 1 for the head", () => {
    expect(layerDecayMultipliers(2, 0.5)).toEqual([0.125, 0.25, 0.5, 1]);
  });

  it("is a geometric series of depth + 2 terms ending in 1", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 48 }), fc.double({ min: 0.3, max: 1, noNaN: true }), (depth, decay) => {
        const scales = layerDecayMultipliers(depth, decay);
        expect(scales).toHaveLength(depth + 2);
        expect(scales.at(-1)).toBe(1);
        for (let i = 0; i <= depth; i++) expect(scales[i]! / scales[i + 1]!).toBeCloseTo(decay, 12);
      }),
    );
  });

  it.each([
    [0, 0.75],
    [2.5, 0.75],
    [12, 0],
    [12, 1.01],
    [12, Number.NaN],
  ])("refuses depth %d with decay %d", (depth, decay) => {
    expect(() => layerDecayMultipliers(depth, decay)).toThrow(VesaliusError);
  });
});
