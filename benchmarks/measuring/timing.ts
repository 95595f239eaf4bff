import { setTimeout as sleep } from "node:timers/promises";

/** Something that is timed. */
export type Timed = () => Promise<void>;

/** How long something and the matrix product that it is compared with are timed, in turns. */
export interface Turns {
  readonly rounds: number;
  /** Length of a block of either; one run, where that takes longer. */
  readonly secondsPerBlock: number;
}

/** Milliseconds of a run in one block, and of a matrix product in the blocks before and after it. */
export interface Round {
  readonly step: number;
  readonly product: number;
}

/** Numbers in [-1, 1) to compute with; what they are does not change the time. */
export const uniform = (count: number): Float32Array =>
  Float32Array.from({ length: count }, () => 2 * Math.random() - 1);

/**
 * Times runs after one that is not counted. The pause before lets the threads of the other session fall asleep: they
 * wait for work in a loop, which on few cores would slow down what is measured here.
 *
 * @param times milliseconds of each run, added to
 * @param seconds after which no further run starts, other than the first that counts
 */
export async function timeRuns(run: Timed, count: number, times: number[], seconds = Infinity): Promise<void> {
  await sleep(100);
  const end = performance.now() + 1000 * seconds;
  await run();
  for (let i = 0; i < count && (i === 0 || performance.now() < end); i++) {
    const began = performance.now();
    await run();
    times.push(performance.now() - began);
  }
}

/** Mean milliseconds of a run over a block of time, and the milliseconds of each. */
async function timeBlock(run: Timed, milliseconds: number): Promise<{ mean: number; times: number[] }> {
  const times: number[] = [];
  await timeRuns(run, Infinity, times, milliseconds / 1000);
  return { mean: times.reduce((sum, time) => sum + time, 0) / times.length, times };
}

/**
 * Times training steps and matrix products in turns, in blocks of the same length. The speed of a shared machine changes
 * within tenths of a second: the fastest of many short products comes from a moment that no longer step can catch, so a
 * step is compared with the products around it, over as long a time.
 */
export async function timeInTurns(step: Timed, product: Timed, { rounds, secondsPerBlock }: Turns) {
  const first: number[] = [];
  await timeRuns(step, 1, first);
  const length = Math.max(1000 * secondsPerBlock, first[0]!);
  const [steps, products, turns]: [number[], number[], Round[]] = [[], [], []];
  let before = await timeBlock(product, length);
  for (let round = 0; round < rounds; round++) {
    const block = await timeBlock(step, length);
    const after = await timeBlock(product, length);
    turns.push({ step: block.mean, product: (before.mean + after.mean) / 2 });
    steps.push(...block.times);
    products.push(...after.times);
    before = after;
  }
  return { steps, products, rounds: turns };
}
