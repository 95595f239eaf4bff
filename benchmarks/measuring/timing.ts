import { setTimeout as sleep } from "node:timers/promises";

/** Something that is timed. */
export type Timed = () => Promise<void>;

/** How often something and the matrix product that it is compared with are timed, in turns. */
export interface Turns {
  readonly rounds: number;
  readonly stepsPerRound: number;
  readonly productsPerRound: number;
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

/**
 * Times training steps and matrix products in turns, so that what else the machine does meets both.
 *
 * @returns milliseconds of each run
 */
export async function timeInTurns(
  step: Timed,
  product: Timed,
  { rounds, stepsPerRound, productsPerRound }: Turns,
): Promise<{ steps: number[]; products: number[] }> {
  const [steps, products]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    await timeRuns(product, productsPerRound, products);
    await timeRuns(step, stepsPerRound, steps);
  }
  return { steps, products };
}
