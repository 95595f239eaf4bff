import { platform } from "#platform";
import { VesaliusError } from "../common/errors.ts";
import { takeRows } from "../data/dataset/index.ts";
import type { Split } from "../data/index.ts";
import { zeros } from "../graph/index.ts";
import type { Runner } from "./inference/inference.ts";
import type { Model } from "./model.ts";

/**
 * Goes through the way in which a model answers an example without computing anything: graphs are built for every shape
 * that the inference asks for, and what they would give is taken to be zero.
 *
 * @throws VesaliusError where network, task and inference do not fit each other or the examples
 */
export async function rehearseAnswers(model: Model, examples: Split): Promise<void> {
  const split = takeRows(examples, [0]);
  const { task } = model;
  task.check(split, "prediction");
  const seen = new Set<string>();
  const enough = new AbortController();
  const runner: Runner = {
    plan: model.plan(1),
    kept: new WeakMap(),
    // An inference that runs other graphs than that of the answers, as one that writes, is not gone through further.
    get model(): Runner["model"] {
      enough.abort();
      throw new VesaliusError("interrupted", "the model itself is not rehearsed");
    },
    batches: (other, plan = runner.plan) => platform.batches(other, plan, { workers: 0 }),
    run(types, rows) {
      const key = JSON.stringify([rows, types]);
      // What is asked for again shows nothing new: the rest of a large image, more steps of one denoising.
      if (seen.has(key)) enough.abort();
      seen.add(key);
      const { outputs } = model.graph(types, rows);
      return Promise.resolve(new Map([...outputs].map(([name, { dtype, shape }]) => [name, zeros(dtype, shape)])));
    },
  };
  try {
    const columns = task.columns.filter((column) => column in split.columns);
    const results = task.inference.results(runner, split, columns, { signal: enough.signal });
    const iterator = results[Symbol.asyncIterator]();
    // Results are of no interest, only that there are some.
    while ((await iterator.next()).done !== true && !enough.signal.aborted);
    await iterator.return?.();
  } catch (error) {
    if (error instanceof VesaliusError && error.code === "interrupted" && enough.signal.aborted) return;
    throw error;
  }
}
