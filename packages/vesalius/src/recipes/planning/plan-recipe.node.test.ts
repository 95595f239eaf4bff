import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { randomStream } from "../../common/random.ts";
import {
  classesColumn,
  type Columns,
  type Dataset,
  datasetCardSchema,
  imagesColumn,
  numbersColumn,
  referencesColumn,
  sequencesColumn,
  type Split,
  textsColumn,
} from "../../data/index.ts";
import { nodeCpu, withThreads } from "../../runtime/index.node.ts";
import { defineRecipe } from "../parse.ts";
import { failureOf } from "../recipe.test.helper.ts";
import { formatPlan } from "./format-plan.ts";
import { planPretraining } from "./plan-pretraining.ts";
import { planRecipe, type PlanRecipeOptions } from "./plan-recipe.ts";

const names = ["left", "right"];
const random = randomStream(5, "planning");
const rows = (count: number) => Array.from({ length: count }, (_, row) => row);

/** Columns whose values follow from the class. */
const makers: Readonly<Record<string, (count: number) => Columns[string]>> = {
  label: (count) =>
    classesColumn(
      names,
      rows(count).map((row) => row % 2),
    ),
  film: (count) =>
    imagesColumn(
      Uint8Array.from({ length: count * 20 * 24 }, () => random.integer(256)),
      { channels: 1, height: 20, width: 24 },
    ),
  note: (count) => textsColumn(rows(count).map((row) => `the ${names[row % 2]} knee of patient ${row}`)),
  gene: (count) =>
    sequencesColumn(
      "dna",
      rows(count).map(() => Array.from({ length: 30 }, () => "ACGT"[random.integer(4)]).join("")),
    ),
  record: (count) =>
    numbersColumn(
      ["age", "weight"],
      count,
      rows(count).flatMap((row) => [row % 2, row]),
    ),
};

function datasetOf(
  columns: readonly string[],
  count: Readonly<Record<string, number>> = { train: 60, validation: 20 },
) {
  const splits = Object.entries(count).map(([name, length]): [string, Split] => [
    name,
    {
      name,
      length,
      ids: rows(length).map((row) => `${name}-${row}`),
      groups: undefined,
      attributes: {},
      columns: Object.fromEntries(columns.map((column) => [column, makers[column]!(length)])),
    },
  ]);
  const dataset: Dataset = {
    name: "knees",
    card: datasetCardSchema.parse({ name: "knees", title: "Knees" }),
    unit: "knees",
    splits: Object.fromEntries(splits),
    tables: {},
  };
  return dataset;
}

const options = async (): Promise<PlanRecipeOptions> => ({
  source: "knees",
  backend: withThreads(await nodeCpu(), 1),
  memory: 2 ** 32,
});

describe("planRecipe", () => {
  it.each([
    ["film", "vit", { imageSize: [21, 24], patchSize: 3, channels: 1, inputs: { image: ["film"] } }],
    ["note", "bert", { maximumPositions: 16, inputs: { text: ["note"] } }],
    ["gene", "bert", { maximumPositions: 32, inputs: { text: ["gene"] } }],
    ["record", "perceptron", { preset: "micro" }],
  ])(
    "reads %s with a %s that fits it, and the recipe is one",
    async (column, name, settings) => {
      const { recipe, seconds } = await planRecipe(datasetOf([column, "label"]), await options());
      expect(recipe.backbone).toMatchObject({ name, ...settings });
      expect(recipe).toMatchObject({
        data: { task: "knees" },
        task: { name: "classification", column: "label" },
        evaluation: { split: "validation", metric: "rocAuc" },
      });
      expect(recipe.adaptation!.batchSize).toBeLessThanOrEqual(6);
      expect(seconds).toBeGreaterThan(0);
      expect(defineRecipe(recipe).adaptation!.methods.map(({ name: method }) => method)).toEqual(["scratch"]);
    },
    60_000,
  );

  it("puts several inputs together, each with a network of its own", async () => {
    const { recipe } = await planRecipe(datasetOf(["film", "note", "record", "label"]), await options());
    expect(recipe.backbone).toMatchObject({
      name: "fusion",
      towers: { film: { name: "vit" }, note: { name: "bert" }, record: { name: "perceptron" } },
    });
    defineRecipe(recipe);
  }, 60_000);

  it("searches the table that examples refer to, with one network for questions and passages, and by words", async () => {
    const passages: Split = {
      ...datasetOf(["note"], { passages: 12 }).splits["passages"]!,
      columns: { title: makers["note"]!(12), text: makers["note"]!(12) },
    };
    const asked = datasetOf(["note"]);
    const splits = Object.entries(asked.splits).map(([name, split]) => {
      const relevant = referencesColumn(
        passages,
        rows(split.length).map((row) => ({ rows: [row % 12] })),
      );
      return [name, { ...split, columns: { ...split.columns, relevant } }] as const;
    });
    const { recipe } = await planRecipe({ ...asked, splits: Object.fromEntries(splits) }, await options());
    expect(recipe.task).toEqual({ name: "retrieval", column: "relevant", hybrid: { name: "bm25" } });
    expect(recipe.backbone).toMatchObject({
      name: "dualTower",
      towers: { note: { name: "bert" }, entry: { sameAs: "note" } },
      inputs: { entry: ["relevant.title", "relevant.text"] },
    });
    expect(recipe.evaluation).toMatchObject({ split: "validation" });
    defineRecipe(recipe);
  }, 60_000);

  it("pretrains where there are enough examples, and compares with training from scratch", async () => {
    const { recipe } = await planRecipe(datasetOf(["note", "label"], { train: 600, validation: 20 }), await options());
    expect(recipe.pretraining).toMatchObject({ objective: { name: "maskedTokens" } });
    expect(recipe.adaptation!.methods).toEqual([{ name: "scratch" }, { name: "fullFineTuning" }]);
    defineRecipe(recipe);
  }, 60_000);

  it("pretrains on nothing where an objective would see the same twice", async () => {
    const { recipe } = await planRecipe(
      datasetOf(["record", "label"], { train: 600, validation: 20 }),
      await options(),
    );
    expect(recipe).not.toHaveProperty("pretraining");
    expect(recipe.adaptation!.methods).toEqual([{ name: "scratch" }]);
  }, 60_000);

  it("says once what is wrong with the data, and not for every network", async () => {
    const dataset = datasetOf(["film", "label"]);
    const { train } = dataset.splits;
    const alike = {
      ...train!,
      columns: {
        ...train!.columns,
        label: classesColumn(
          ["a", "b"],
          rows(train!.length).map(() => 0),
        ),
      },
    };
    const planned = planRecipe({ ...dataset, splits: { ...dataset.splits, train: alike } }, await options());
    await expect(planned).rejects.toMatchObject({ what: "no training example has the class b" });
  }, 60_000);

  it("takes no more steps than the minutes allow", async () => {
    const given = await options();
    const dataset = datasetOf(["film", "label"]);
    const short = await planRecipe(dataset, { ...given, minutes: 0.02 });
    expect(short.seconds).toBeLessThan(1.5);
    expect(short.recipe.adaptation!.steps).toBeLessThan(200);
    expect(short.recipe.adaptation!.batchSize).toBe(2);
    expect(formatPlan(short)).toMatch(/as many as 0\.02 minutes allow/);
  }, 60_000);

  it("says why in comments above the keys, in a file that is the recipe", async () => {
    const planned = await planRecipe(datasetOf(["film", "label"]), await options());
    const text = formatPlan(planned, "../recipe.schema.json");
    expect(parse(text)).toEqual(JSON.parse(JSON.stringify(planned.recipe)));
    expect(text).toMatch(/^# yaml-language-server: \$schema=\.\.\/recipe\.schema\.json\n# Planned from the data/);
    expect(text).toMatch(/\n# reads film \(images\); [\d\u2009]+ parameters\nbackbone:/);
    expect(text).toMatch(/\n {2}# 7 x 8 patches\n {2}patchSize: 3/);
    expect(text).toMatch(/\n# the column label holds one of 2 classes\ntask:/);
  }, 60_000);

  it.each<[string, readonly string[], Readonly<Record<string, number>>, string]>([
    ["nothing to predict", ["film"], { train: 20, validation: 10 }, "nothing that a task would predict"],
    ["nothing to read", ["label"], { train: 20, validation: 10 }, "nothing that a network reads"],
    ["nothing to evaluate on", ["film", "label"], { train: 20 }, "no split to evaluate on"],
    ["no training split", ["film", "label"], { validation: 20 }, "no training split"],
  ])("refuses data with %s", async (_, columns, count, message) => {
    const given = await options();
    const error = await failureOf(() => planRecipe(datasetOf(columns, count), given));
    expect(error.code).toBe("bad-data");
    expect(error.what).toContain(message);
    expect(error.fix ?? "").not.toBe("undefined");
  });
});

describe("planPretraining", () => {
  it("chooses a network and an objective that it learns, and leaves labels out", () => {
    const { recipe, reasons } = planPretraining(datasetOf(["note", "label"]), { sources: ["knees", "hips"] });
    expect(recipe).toMatchObject({
      data: { pretraining: ["knees", "hips"] },
      backbone: { name: "bert" },
      pretraining: { objective: { name: "maskedTokens" } },
    });
    expect(reasons.map(({ path }) => path[0])).toContain("pretraining");
    defineRecipe(recipe);
  });

  it("takes the network and objective that are named, and refuses ones that do not go together", async () => {
    const dataset = datasetOf(["film", "label"]);
    const planned = planPretraining(dataset, { sources: ["knees"], objective: "maskedImageModelling" });
    expect(planned.recipe.backbone).toMatchObject({ name: "vit" });
    const error = await failureOf(() => planPretraining(dataset, { sources: ["knees"], objective: "maskedTokens" }));
    expect(error.what).toContain("no network learns from these data");
  });
});
