import { describe, expect, it } from "vitest";
import { randomStream } from "../common/random.ts";
import {
  classesColumn,
  type Example,
  labelsColumn,
  masksColumn,
  numbersColumn,
  readExamples,
  type Split,
  spansColumn,
} from "../data/index.ts";
import { classificationEvaluation, type ClassificationSettings } from "./classification/classification.ts";
import type { ClassificationAnswer } from "./classification/measure.ts";
import { type AnsweringModel, evaluate, type EvaluatedTask, measureAnswers } from "./evaluate.ts";
import { withClassesOf } from "./same-classes.ts";

const count = 60;
const random = randomStream(1, "evaluate");
const truths = Array.from({ length: count }, (_, row) => (row % 10 === 9 ? null : row % 2));
const split: Split = {
  name: "validation",
  length: count,
  ids: Array.from({ length: count }, (_, row) => `case-${row}`),
  groups: Array.from({ length: count }, (_, row) => `patient-${row >> 1}`),
  attributes: { site: Array.from({ length: count }, (_, row) => (row < 30 ? "north" : "south")) },
  columns: {
    label: classesColumn(["normal", "pneumonia"], truths),
    score: numbersColumn(
      ["score"],
      count,
      Float32Array.from(truths, (truth) => (truth ?? 0) * 0.5 + 0.5 * random.uniform()),
    ),
  },
};

const task = (settings: ClassificationSettings = { classes: ["normal", "pneumonia"] }) =>
  ({
    columns: ["label"],
    classes: { column: "label", names: settings.classes },
    check: () => {},
    truth: ({ label }: Example) => label as number | null,
    evaluation: classificationEvaluation(settings),
  }) satisfies EvaluatedTask<number, ClassificationAnswer>;

/** Answers with the score of each example. */
const model: AnsweringModel<ClassificationAnswer> = {
  async *predict(some) {
    const examples = await readExamples(
      some,
      ["score"],
      Array.from({ length: some.length }, (_, row) => row),
    );
    for (const [row, { score }] of examples.entries()) {
      const positive = Math.min(1, (score as Float32Array)[0]!);
      yield { id: some.ids[row]!, answer: { probabilities: [1 - positive, positive] } };
    }
  },
};

describe("evaluate", () => {
  it("measures every example that has a truth, with its group and attributes, and says what predicting took", async () => {
    const report = await evaluate(model, task(), split, { resamples: 20 });
    expect(report).toMatchObject({ count: 54, withoutTruth: 6, withoutAnswer: 0, groupCount: 30 });
    expect(report.attributes.map(({ attribute }) => attribute)).toEqual(["site"]);
    expect(report.metrics["rocAuc"]!.value).toBe(1);
    expect(report.cost!.examplesPerSecond).toBeCloseTo(60 / report.cost!.seconds, 6);
  });

  it("names cases unless it is told not to, or the data are restricted", async () => {
    // Answers that are wrong with certainty give mistakes to name.
    const liar: typeof model = {
      async *predict(some) {
        for await (const { id, answer } of model.predict(some))
          yield { id, answer: { probabilities: Array.from(answer!.probabilities).toReversed() } };
      },
    };
    const [named, unnamed, restricted] = await Promise.all(
      [{}, { nameCases: false }, { restricted: true }].map(async (options) =>
        JSON.stringify(await evaluate(liar, task(), split, { resamples: 2, ...options })),
      ),
    );
    expect(named).toContain("case-1");
    expect(unnamed).not.toContain("case-");
    expect(restricted).not.toContain("case-");
  });

  it("counts an answer that is not there as a failure", async () => {
    const silent: typeof model = {
      async *predict(some) {
        for await (const { id, answer } of model.predict(some)) yield { id, answer: id === "case-1" ? null : answer };
      },
    };
    const report = await evaluate(silent, task(), split, { resamples: 2 });
    const all = await evaluate(model, task(), split, { resamples: 2 });
    expect(report.withoutAnswer).toBe(1);
    expect(report.metrics["accuracy"]!.value!).toBeCloseTo(all.metrics["accuracy"]!.value! - 1 / 54, 12);
  });

  it("refuses before anything is predicted what the task cannot evaluate on, or classes that are not the model's", async () => {
    const never: typeof model = {
      predict: () => {
        throw new Error("predicted");
      },
    };
    const refusing = {
      ...task(),
      check: () => {
        throw new TypeError("checked");
      },
    };
    await expect(evaluate(never, refusing, split)).rejects.toThrow("checked");
    await expect(evaluate(never, task({ classes: ["pneumonia", "normal"] }), split)).rejects.toMatchObject({
      code: "bad-data",
      where: "column label of split validation",
    });
  });

  it("evaluates by name where it is told which class is which", async () => {
    const turned = task({ classes: ["pneumonia", "normal"], positiveClass: "pneumonia" });
    const other: typeof model = {
      async *predict(some) {
        for await (const { id, answer } of model.predict(some))
          yield { id, answer: { probabilities: Array.from(answer!.probabilities).toReversed() } };
      },
    };
    const [direct, byName] = [
      await evaluate(model, task({ classes: ["normal", "pneumonia"], positiveClass: "pneumonia" }), split, {
        resamples: 2,
      }),
      await evaluate(other, turned, split, { resamples: 2, classes: {} }),
    ];
    for (const name of ["rocAuc", "sensitivity", "brierScore"])
      expect(byName.metrics[name]!.value, name).toBeCloseTo(direct.metrics[name]!.value!, 12);
  });

  it("says which example an answer that is none belongs to, without naming it", async () => {
    const broken: typeof model = {
      async *predict(some) {
        for await (const { id, answer } of model.predict(some))
          yield { id, answer: id === "case-4" ? { probabilities: [2, 3] } : answer };
      },
    };
    const failed = evaluate(broken, task(), split);
    await expect(failed).rejects.toMatchObject({ code: "bad-data" });
    await expect(failed).rejects.toThrow(/example 5 of split validation/);
    await expect(failed).rejects.not.toThrow(/case-4/);
  });

  it.each([
    ["too few answers", (row: number) => row < 40, /40 of 60/],
    ["answers in another order", (row: number) => row !== 7, /answer 8 is not that of example 8/],
  ])("refuses %s, and lets the model free what it holds", async (_, keep, message) => {
    let freed = false;
    const lazy: typeof model = {
      async *predict(some) {
        try {
          let row = 0;
          for await (const answered of model.predict(some)) if (keep(row++)) yield answered;
        } finally {
          freed = true;
        }
      },
    };
    await expect(measureAnswers(lazy, task(), split)).rejects.toThrow(message);
    expect(freed).toBe(true);
  });
});

describe("withClassesOf", () => {
  const names = ["a", "b", "c"];
  const read = async (column: Split["columns"][string], mapping?: Record<string, string | null>) => {
    const data: Split = { ...split, length: column.length, columns: { target: column } };
    const mapped = withClassesOf(data, { column: "target", names }, mapping);
    const examples = await readExamples(
      mapped,
      ["target"],
      Array.from({ length: column.length }, (_, row) => row),
    );
    return examples.map(({ target }) => target);
  };

  it("maps classes by name, to another name, or leaves them out", async () => {
    const column = classesColumn(["c", "other", "noise"], [0, 1, 2, 2, null]);
    expect(await read(column, { other: "a", noise: null })).toEqual([2, 0, null, null, null]);
    await expect(read(column)).rejects.toThrow(/apart/);
    await expect(read(column, { other: "a" })).rejects.toThrow(/noise/);
  });

  it("maps several labels at once; those that the data lack are not known", async () => {
    const column = labelsColumn(["c", "x", "y"], 2, Int8Array.of(1, 0, 1, 0, -1, 0));
    expect(await read(column, { x: "a", y: "a" })).toEqual([Int8Array.of(1, -1, 1), Int8Array.of(0, -1, 0)]);
  });

  it("maps types of spans, and classes of masks in memory", async () => {
    const spans = spansColumn(["z", "b"], [[{ start: 0, end: 2, type: "z" }], null]);
    expect(await read(spans, { z: "c" })).toEqual([[{ start: 0, end: 2, type: "c" }], null]);
    await expect(read(spans, { z: null })).rejects.toThrow(/invented/);
    const masks = masksColumn(["a", "lesion"], [{ extents: [1, 2], data: Uint8Array.of(0, 1) }]);
    expect(await read(masks, { lesion: "c" })).toMatchObject([{ data: Uint8Array.of(0, 2) }]);
    await expect(read(masks, { lesion: "a" })).rejects.toThrow(/merged/);
  });

  it("leaves alone what is the same, and data without such a column", async () => {
    expect(await read(classesColumn(names, [2, 1]))).toEqual([2, 1]);
    expect(withClassesOf(split, undefined, undefined)).toBe(split);
  });
});
