import { describe, expect, it } from "vitest";
import { classesColumn } from "../data/index.ts";
import { splitOf } from "../data/columns/columns.test.helper.ts";
import { classification } from "./classification.ts";
import type { Answered } from "./task.ts";

const names = ["no", "yes"];
const task = classification({ classes: names });
const labelled = (values: readonly (number | null)[], classes: readonly string[] = names) =>
  splitOf({ label: classesColumn(classes, values) });

async function* answers(...given: (readonly number[] | null)[]) {
  for (const [row, probabilities] of given.entries())
    yield { id: `train/${row}`, answer: probabilities && { probabilities }, used: [] } as unknown as Answered<{
      probabilities: ArrayLike<number>;
    }>;
}

async function csv(...given: Parameters<typeof task.files>): Promise<unknown> {
  const contents: unknown[] = [];
  for await (const { name, content } of task.files(...given)) if (name === "predictions.csv") contents.push(content);
  expect(contents).toHaveLength(1);
  return contents[0];
}

describe("the answers of a classification", () => {
  it("name the most probable class, and the first of equals", () => {
    const said = (...probabilities: number[]) => task.toJson({ probabilities });
    expect(said(0.25, 0.75)).toEqual({ class: "yes", probabilities: { no: 0.25, yes: 0.75 } });
    expect(said(0.5, 0.5)).toEqual({ class: "no", probabilities: { no: 0.5, yes: 0.5 } });
  });

  it("are written beside the true class where there is one", async () => {
    expect(await csv(answers([0.25, 0.75], [0.5, 0.5], null), labelled([1, null, 0]))).toBe(
      "id,trueClass,predictedClass,no,yes\ntrain/0,yes,yes,0.25,0.75\ntrain/1,,no,0.5,0.5\ntrain/2,no,,,\n",
    );
  });

  it("are written alone for data without classes", async () => {
    const split = { ...labelled([0]), columns: {} };
    expect(await csv(answers([0.25, 0.75]), split)).toBe("id,predictedClass,no,yes\ntrain/0,yes,0.25,0.75\n");
  });
});

describe("what does not fit is refused before any time is spent", () => {
  it.each<[string, ReturnType<typeof splitOf>, "training" | "evaluation", RegExp]>([
    ["classes in another order", labelled([0, 1], ["yes", "no"]), "training", /not those of the model/],
    ["a training example without a class", labelled([0, 1, null]), "training", /1 training examples have no class/],
    ["a class without a training example", labelled([0, 0]), "training", /has the class yes/],
    ["an evaluation on one class", labelled([1, 1, null]), "evaluation", /of one class/],
    ["data without the column", { ...labelled([0]), columns: {} }, "training", /label/],
  ])("%s", (_, split, use, message) => {
    expect(() => task.check(split, use)).toThrow(message);
  });

  it("but missing classes where they are allowed, and anything at prediction", () => {
    const lenient = classification({ classes: names, allowMissingClasses: true });
    expect(() => lenient.check(labelled([0, 0]), "training")).not.toThrow();
    expect(() => task.check({ ...labelled([0]), columns: {} }, "prediction")).not.toThrow();
  });

  it.each([[undefined], [["same", "same"]]])("class names %j", (classes) => {
    expect(() => classification({ classes })).toThrow(/two different classes|at least/);
  });
});
