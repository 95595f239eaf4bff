import { z } from "zod";
import { VesaliusError } from "../common/errors.ts";
import { scheduleSchema, type Schedule, type ScheduleInput } from "./schedule-schema.ts";

export { scheduleSchema, type Schedule, type ScheduleInput };

/** Falls from 1 at progress 0 to 0 at progress 1 along half a cosine wave, and rises again beyond. */
const halfWave = (progress: number): number => 0.5 * (1 + Math.cos(Math.PI * progress));
const between = (from: number, to: number, share: number): number => to + (from - to) * share;

/** What `warmupCosine` runs through; the unit of the values is the caller's (learning rate, momentum, temperature). */
export interface WarmupCosine {
  /** Value at the end of the warm-up, where the cosine begins. */
  readonly baseValue: number;
  /** Value from `totalSteps` on. */
  readonly finalValue: number;
  readonly totalSteps: number;
  readonly warmupSteps?: number;
  /** Value of the first warm-up step. */
  readonly warmupStartValue?: number;
  /** Steps at the very beginning in which the value is 0. */
  readonly freezeSteps?: number;
}

/**
 * Value of DINOv2's schedule at a step: zero while frozen, a straight warm-up whose last step has reached the base,
 * half a cosine wave to the final value, constant afterwards. It serves the momentum of a teacher (0.996 to 1) and
 * weight decay as well as the learning rate.
 *
 * Source: facebookresearch/dinov2, `CosineScheduler` in dinov2/utils/utils.py.
 */
export function warmupCosine(options: WarmupCosine, step: number): number {
  const { baseValue, finalValue, totalSteps, warmupSteps = 0, warmupStartValue = 0, freezeSteps = 0 } = options;
  if (step >= totalSteps) return finalValue;
  if (step < freezeSteps) return 0;
  const warm = step - freezeSteps;
  // A one-step warm-up holds the start value, as numpy.linspace with one point does.
  if (warm < warmupSteps) return between(baseValue, warmupStartValue, warmupSteps > 1 ? warm / (warmupSteps - 1) : 0);
  return between(baseValue, finalValue, halfWave((warm - warmupSteps) / (totalSteps - freezeSteps - warmupSteps)));
}

/** PyTorch's OneCycleLR with cosine annealing: the peak is reached one step before `riseFraction` of the run. */
function oneCycle(schedule: Schedule & { name: "one-cycle" }, step: number, totalSteps: number, peak: number): number {
  const initial = peak / schedule.divisor;
  const turn = schedule.riseFraction * totalSteps - 1;
  if (step < turn) return between(initial, peak, halfWave(step / turn));
  const fall = Math.min(1, (step - turn) / (totalSteps - 1 - turn));
  return between(peak, initial / schedule.finalDivisor, halfWave(fall));
}

/** Position inside the current cycle of SGDR, from 0 up to but not including 1. */
function cycleProgress(step: number, firstCycleSteps: number, cycleFactor: number): number {
  if (cycleFactor === 1) return (step % firstCycleSteps) / firstCycleSteps;
  let start = 0;
  let length = firstCycleSteps;
  while (step >= start + length) {
    start += length;
    length *= cycleFactor;
  }
  return (step - start) / length;
}

function warmupLength(schedule: Schedule, totalSteps: number): number {
  if (!("warmupSteps" in schedule || "warmupFraction" in schedule)) return 0;
  const length = schedule.warmupSteps ?? Math.ceil((schedule.warmupFraction ?? 0) * totalSteps);
  const frozen = schedule.name === "dinov2-cosine" ? schedule.freezeSteps : 0;
  if (frozen + length <= totalSteps) return length;
  throw new VesaliusError("bad-configuration", `a warm-up that ends at step ${frozen + length} outlasts the run`, {
    where: `schedule "${schedule.name}", ${totalSteps} steps in all`,
    fix: "shorten the warm-up, for example with warmupFraction: 0.05, or train for more steps",
  });
}

function checked(schedule: ScheduleInput, step: number, totalSteps: number, base: number): Schedule {
  const parsed = scheduleSchema.safeParse(schedule);
  if (!parsed.success)
    throw new VesaliusError("bad-configuration", z.prettifyError(parsed.error), { where: "schedule" });
  const amounts = { step, totalSteps, baseLearningRate: base };
  for (const [name, value] of Object.entries(amounts)) {
    if (Number.isFinite(value) && (name === "step" ? value >= 0 : value > 0)) continue;
    throw new VesaliusError("bad-argument", `${name} is ${value}`, {
      where: `schedule "${parsed.data.name}"`,
      fix: name === "step" ? "count steps from 0" : `give a positive ${name}`,
    });
  }
  return parsed.data;
}

/**
 * Learning rate at a step, a pure function: a resumed run needs no scheduler state.
 *
 * @param schedule which rule to follow, see `scheduleSchema`.
 * @param step from 0; fractions are allowed, so MAE's per-iteration rule is `step` and `totalSteps` in epochs.
 * @param totalSteps length of the run, in the same unit. `warm-restarts`, `step` and `exponential` do not depend on it.
 * @param baseLearningRate rate at the end of the warm-up (for `one-cycle`, the peak), positive.
 * @returns the rate, at least 0. Beyond the end of the run the reference's behaviour is kept: cosine waves go on.
 * @throws VesaliusError `bad-configuration` for a schedule that does not parse or whose warm-up is longer than the run,
 *   `bad-argument` for a negative or infinite amount.
 *
 * @example
 * learningRateAt({ name: "cosine", warmupFraction: 0.05 }, step, 10_000, 1e-3);
 */
export function learningRateAt(
  schedule: ScheduleInput,
  step: number,
  totalSteps: number,
  baseLearningRate: number,
): number {
  const rule = checked(schedule, step, totalSteps, baseLearningRate);
  const base = baseLearningRate;
  const warmupSteps = warmupLength(rule, totalSteps);
  if (rule.name === "dinov2-cosine") {
    const { finalLearningRate: finalValue, warmupStartLearningRate: warmupStartValue, freezeSteps } = rule;
    return warmupCosine({ baseValue: base, finalValue, totalSteps, warmupSteps, warmupStartValue, freezeSteps }, step);
  }
  if (step < warmupSteps) return (base * step) / warmupSteps;
  const progress = warmupSteps < totalSteps ? (step - warmupSteps) / (totalSteps - warmupSteps) : 1;
  const left = Math.max(0, 1 - progress);
  switch (rule.name) {
    case "constant":
      return base;
    case "linear":
      return base * left;
    case "polynomial":
      return between(base, rule.endLearningRate, left ** rule.power);
    case "cosine":
      return between(base, rule.minimumLearningRate, halfWave(2 * rule.cycles * progress));
    case "cosine-restarts":
      return progress >= 1 ? 0 : base * halfWave((rule.cycles * progress) % 1);
    case "warm-restarts": {
      const position = cycleProgress(step, rule.firstCycleSteps, rule.cycleFactor);
      return between(base, rule.minimumLearningRate, halfWave(position));
    }
    case "one-cycle":
      return oneCycle(rule, step, totalSteps, base);
    case "step":
      return base * rule.factor ** Math.floor(step / rule.stepSize);
    case "exponential":
      break;
  }
  return base * rule.factor ** step;
}

/**
 * Learning-rate multipliers for layer-wise decay in fine-tuning: index 0 belongs to the embeddings (patch embedding,
 * class token, positions), index 1..depth to the blocks, index depth + 1 to the final norm and the head, which gets 1.
 *
 * Source: facebookresearch/mae, `param_groups_lrd` in util/lr_decay.py (after BEiT and ELECTRA).
 *
 * @param depth number of blocks, at least 1.
 * @param decay factor from one layer to the one below, in (0, 1]; MAE uses 0.75 for ViT-B and ViT-L.
 * @returns `depth + 2` multipliers in ascending order.
 * @throws VesaliusError `bad-argument` when either is out of range.
 */
export function layerDecayMultipliers(depth: number, decay: number): number[] {
  if (!Number.isInteger(depth) || depth < 1 || !(decay > 0 && decay <= 1)) {
    throw new VesaliusError("bad-argument", `no layer decay for depth ${depth} and decay ${decay}`, {
      fix: "give a whole number of blocks and a decay in (0, 1], for example 0.75",
    });
  }
  return Array.from({ length: depth + 2 }, (_, layer) => decay ** (depth + 1 - layer));
}
