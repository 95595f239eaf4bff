import { VesaliusError } from "../../common/errors.ts";
import { randomStream } from "../../common/random.ts";

/** Which examples make up which step, without an end. */
interface TrainingOrder {
  /** Steps in one pass over the split. */
  readonly stepsPerEpoch: number;
  readonly steps: number;
  /**
   * Positions in the split for a step, `batchSize` of them.
   *
   * @throws VesaliusError `bad-argument` for a step that is no whole number from 0
   */
  indices(step: number): Int32Array;
}

/** @throws VesaliusError `bad-argument` for a step that is no whole number in [0, steps). */
export function checkStep(step: number, steps: number): void {
  if (Number.isInteger(step) && step >= 0 && step < steps) return;
  throw new VesaliusError("bad-argument", `there is no batch for step ${step}`, {
    fix: Number.isFinite(steps) ? `ask for steps 0 to ${steps - 1}` : "ask for whole numbers from 0",
  });
}

/** What an epoch is made of, drawn when it begins: only the latest is kept, since training asks for one after the other. */
export function latestEpoch<Drawn>(draw: (epoch: number) => Drawn): (epoch: number) => Drawn {
  let latest: { readonly epoch: number; readonly drawn: Drawn } | undefined;
  return (epoch) => {
    if (latest?.epoch !== epoch) latest = { epoch, drawn: draw(epoch) };
    return latest.drawn;
  };
}

/** The rows of an epoch: a permutation drawn from the seed and the epoch's number, or the split's own order. */
export const epochRows = (length: number, seed: number, shuffle: boolean, epoch: number): Int32Array =>
  shuffle ? randomStream(seed, "order", epoch).permutation(length) : Int32Array.from({ length }, (_, row) => row);

/**
 * Endless order for training: every epoch draws a new permutation from the seed and the epoch's number, and what does
 * not fill a last batch waits for another epoch's permutation (as `drop_last` in PyTorch's DataLoader). A split smaller
 * than the batch is walked epoch after epoch without a gap, so that 20 labels and a batch of 64 show every example
 * three times and four of them a fourth time; the next step goes on from there.
 *
 * @param length Examples in the split, at least 1.
 * @param shuffle Without it every epoch has the split's own order.
 */
export function trainingOrder(length: number, batchSize: number, seed: number, shuffle: boolean): TrainingOrder {
  if (length < 1) {
    throw new VesaliusError("bad-argument", "a split without examples cannot be batched");
  }
  const stepsPerEpoch = Math.max(1, Math.floor(length / batchSize));
  // Continuous epochs where one is too short for a batch, otherwise the whole batches of each epoch.
  const usedPerEpoch = length < batchSize ? length : stepsPerEpoch * batchSize;
  const orderOf = latestEpoch((epoch) => epochRows(length, seed, shuffle, epoch));
  return {
    stepsPerEpoch,
    steps: Number.POSITIVE_INFINITY,
    indices(step) {
      checkStep(step, Number.POSITIVE_INFINITY);
      return Int32Array.from({ length: batchSize }, (_, row) => {
        const position = step * batchSize + row;
        return orderOf(Math.floor(position / usedPerEpoch))[position % usedPerEpoch]!;
      });
    },
  };
}
