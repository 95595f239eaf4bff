import { VesaliusError } from "../../common/errors.ts";
import type { Split } from "../../data/index.ts";
import type { TaskSuggestion } from "../../tasks/index.ts";
import type { Catalogues } from "../catalogues.ts";

/** A task for data, with what else they would allow. */
export interface ChosenTask extends TaskSuggestion {
  readonly name: string;
  /** Other tasks that the data would allow. */
  readonly others: readonly string[];
}

/**
 * The most particular task that a training split has something to predict for.
 *
 * @throws VesaliusError `bad-data` where there is none, with the columns that there are
 */
export function chooseTask(train: Split, { tasks }: Pick<Catalogues, "tasks">, where: string): ChosenTask {
  const found = tasks.entries.flatMap((entry) => {
    const suggestion = entry.suggest?.(train);
    return suggestion === undefined ? [] : [{ name: entry.name, ...suggestion }];
  });
  const best = Math.max(...found.map(({ particularity }) => particularity));
  const chosen = found.find(({ particularity }) => particularity === best);
  if (chosen !== undefined) return { ...chosen, others: found.filter((one) => one !== chosen).map(({ name }) => name) };
  const columns = Object.entries(train.columns).map(([name, { kind }]) => `${name} (${kind})`);
  throw new VesaliusError("bad-data", "the data hold nothing that a task would predict", {
    where,
    fix: (option) =>
      `they have ${columns.length === 0 ? "no columns" : `the columns ${columns.join(", ")}`}; say what is to be predicted with ${option("target")}`,
  });
}
