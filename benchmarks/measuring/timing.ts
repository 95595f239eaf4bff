import { setTimeout as sleep } from "node:timers/promises";

/** Something that is timed. */
export type Timed = () => Promise<void>;

/** Numbers in [-1, 1) to compute with; what they are does not change the time. */
export const uniform = (count: number): Float32Array =>
  Float32Array.from({ length: count }, () => 2 * Math.random() - 1);

/**
 * Times runs after one that is not counted. The pause before lets the threads of the other session fall asleep: they
 * wait for work in a loop, which on few cores would slow down what is measured here.
 *
 * @param times milliseconds of each run, added to
 */
export async function timeRuns(run: Timed, count: number, times: number[]): Promise<void> {
  await sleep(100);
  await run();
  for (let i = 0; i < count; i++) {
    const began = performance.now();
    await run();
    times.push(performance.now() - began);
  }
}
