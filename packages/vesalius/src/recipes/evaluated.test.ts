import { expect, test } from "vitest";
import { classesColumn, eventsColumn, numbersColumn, spansColumn, textsColumn } from "../data/index.ts";
import { failure } from "../data/data.test.helper.ts";
import { fitTask, undefinedByData } from "../tasks/index.ts";
import { datasetOf, splitOf } from "../tasks/learning.test.helper.ts";
import { checkEvaluated, definedMetric } from "./evaluated.ts";

const classesOf = (name: string, values: readonly number[]) =>
  splitOf(name, { label: classesColumn(["a", "b", "c"], values) });

const train = classesOf("train", [0, 1, 2, 0, 1, 2]);

test("a split of one class is refused before training, with its dataset and the splits that would do", async () => {
  const dataset = datasetOf({
    train,
    validation: classesOf("validation", [1, 1, 1]),
    test: classesOf("test", [0, 1, 2]),
  });
  const task = fitTask({ name: "classification" }, dataset, train);
  const error = await failure(() => checkEvaluated(task, dataset.splits["validation"]!, dataset, train));
  expect(error.what).toBe(
    "the split validation cannot be evaluated on: all examples are of one class, which leaves nothing to tell apart",
  );
  expect(error.where).toContain(`${dataset.name}, split validation, column label`);
  expect(error.fix).toContain("test would do: say so with evaluation.split in a recipe, or with --evaluate-on");
  const alone = datasetOf({ train, validation: dataset.splits["validation"]! });
  expect((await failure(() => checkEvaluated(task, alone.splits["validation"]!, alone, train))).fix).toContain(
    "move examples of what is missing into it",
  );
});

test("models are compared by a metric that the split defines", async () => {
  const dataset = datasetOf({ train, validation: classesOf("validation", [0, 1, 0, 1]) });
  const task = fitTask({ name: "classification" }, dataset, train);
  expect((await definedMetric(task, train)).metric).toBe("rocAuc");
  const { metric, reason, without } = await definedMetric(task, dataset.splits["validation"]!);
  expect(metric).toBe("expectedCalibrationError");
  expect(reason).toBe("rocAuc is not defined on the split validation: no case of c");
  expect([...without.keys()]).toEqual(expect.arrayContaining(["rocAuc", "balancedAccuracy", "macroF1"]));
  expect(without.has("accuracy")).toBe(false);
});

test.each([
  [
    "tokenClassification",
    (marked: boolean) => ({
      text: textsColumn(["BRCA1 binds", "and more"]),
      spans: spansColumn(["Gene"], [marked ? [{ start: 0, end: 5, type: "Gene" }] : [], []]),
    }),
    "no text has an entity",
  ],
  [
    "survival",
    (observed: boolean) => ({ event: eventsColumn([1, 2, 3, 4, 5, 6], Array(6).fill(Number(observed))) }),
    "no event was observed: all examples are censored",
  ],
] as const)("%s without anything to find is refused", async (name, columns, what) => {
  const good = splitOf("train", columns(true));
  const dataset = datasetOf({ train: good, validation: splitOf("validation", columns(false)) });
  const task = fitTask({ name }, dataset, good);
  const error = await failure(() => checkEvaluated(task, dataset.splits["validation"]!, dataset, good));
  expect(error.what).toContain(what);
});

test("a number that is the same in all examples is refused for training, and its metrics are for evaluation", async () => {
  const agesOf = (name: string, values: readonly number[]) =>
    splitOf(name, { target: numbersColumn(["age"], values.length, values) });
  const dataset = datasetOf({ train: agesOf("train", [50, 60, 70]), validation: agesOf("validation", [40, 40, 40]) });
  const task = fitTask({ name: "regression" }, dataset, dataset.splits["train"]);
  const { metric, without } = await definedMetric(task, dataset.splits["validation"]!);
  expect(metric).toBe("rootMeanSquaredError");
  expect(undefinedByData(task, without)).toEqual([["spearman", "all cases have one value of age"]]);
  const constant = datasetOf({ train: agesOf("train", [50, 50]) });
  const same = constant.splits["train"]!;
  const error = await failure(() => fitTask({ name: "regression" }, constant, same).check(same, "training"));
  expect(error.what).toContain("all examples have one value of age");
});
