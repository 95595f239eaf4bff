import { z } from "zod";

const rate = z.number().nonnegative();
const steps = z.number().nonnegative();
/** Length of the linear warm-up, in steps or as a fraction of the whole run (rounded up, as Hugging Face does). */
const warmup = { warmupSteps: steps.optional(), warmupFraction: z.number().min(0).max(1).optional() };

const hasBothWarmups = (schedule: object): boolean =>
  Object.entries(schedule).filter(([key, value]) => key in warmup && value !== undefined).length === 2;

/**
 * A learning-rate schedule as plain data, chosen by `name`. Without `warmupSteps` and `warmupFraction` there is no
 * warm-up; giving both is an error. Every count is in the unit in which `learningRateAt` is called: optimizer steps,
 * or fractional epochs as in MAE.
 *
 * | name | rule after the warm-up | reference |
 * |---|---|---|
 * | `constant` | base | transformers `get_constant_schedule_with_warmup` |
 * | `linear` | straight line to 0 | transformers `get_linear_schedule_with_warmup` |
 * | `polynomial` | `(1 - progress)^power` to `endLearningRate` | transformers, PyTorch `PolynomialLR` |
 * | `cosine` | `cycles` cosine waves to `minimumLearningRate` | transformers, MAE, PyTorch `CosineAnnealingLR` |
 * | `cosine-restarts` | `cycles` falling half waves, each from base to 0 | transformers `..._with_hard_restarts` |
 * | `warm-restarts` | falling half waves of growing length | SGDR, PyTorch `CosineAnnealingWarmRestarts` |
 * | `dinov2-cosine` | frozen at 0, warmed up from a start value, half wave to a final value | DINOv2 |
 * | `one-cycle` | half wave up from `base / divisor`, half wave down | PyTorch `OneCycleLR` |
 * | `step` | times `factor` after every `stepSize` steps | PyTorch `StepLR` |
 * | `exponential` | times `factor` after every step | PyTorch `ExponentialLR` |
 */
export const scheduleSchema = z
  .discriminatedUnion("name", [
    z.strictObject({ name: z.literal("constant"), ...warmup }),
    z.strictObject({ name: z.literal("linear"), ...warmup }),
    z.strictObject({
      name: z.literal("polynomial"),
      ...warmup,
      power: z.number().positive().default(1),
      endLearningRate: rate.default(1e-7),
    }),
    z.strictObject({
      name: z.literal("cosine"),
      ...warmup,
      minimumLearningRate: rate.default(0),
      /** Whole waves; 0.5 falls once from the base to the minimum. */
      cycles: z.number().positive().default(0.5),
    }),
    z.strictObject({ name: z.literal("cosine-restarts"), ...warmup, cycles: z.int().positive().default(1) }),
    z.strictObject({
      name: z.literal("warm-restarts"),
      firstCycleSteps: steps.positive(),
      /** Each cycle is this many times as long as the one before. */
      cycleFactor: z.int().positive().default(1),
      minimumLearningRate: rate.default(0),
    }),
    z.strictObject({
      name: z.literal("dinov2-cosine"),
      ...warmup,
      freezeSteps: z.int().nonnegative().default(0),
      warmupStartLearningRate: rate.default(0),
      finalLearningRate: rate.default(0),
    }),
    z.strictObject({
      name: z.literal("one-cycle"),
      /** Fraction of the run in which the rate rises. */
      riseFraction: z.number().gt(0).lt(1).default(0.3),
      divisor: z.number().positive().default(25),
      finalDivisor: z.number().positive().default(1e4),
    }),
    z.strictObject({ name: z.literal("step"), stepSize: steps.positive(), factor: z.number().positive().default(0.1) }),
    z.strictObject({ name: z.literal("exponential"), factor: z.number().positive().max(1) }),
  ])
  .refine((schedule) => !hasBothWarmups(schedule), {
    error: "warmupSteps and warmupFraction exclude each other; keep one of them",
  });

/** A schedule with its defaults filled in. */
export type Schedule = z.output<typeof scheduleSchema>;
/** A schedule as a user writes it: whatever has a default may be left out. */
export type ScheduleInput = z.input<typeof scheduleSchema>;
