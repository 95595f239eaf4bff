import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { makeFolder } from "./recipe.test.helper.ts";
import { recipeResult } from "./report/result.ts";
import { formatSummary } from "./report/summary.ts";
import { readReport, run } from "./run.test.helper.ts";
import type { RecipeInput } from "./schema.ts";

/** Notes whose last word follows from the first. */
const notes = (count: number, split: string): string[] =>
  Array.from({ length: count }, (_, i) => {
    const [complaint, treatment] = [
      ["cough", "inhaler"],
      ["itch", "ointment"],
      ["ache", "tablet"],
    ][i % 3]!;
    return `${split}-${i},${complaint} for ${1 + (i % 7)} days then some ${treatment},${split}`;
  });

const recipe: RecipeInput = {
  name: "notes",
  data: {
    pretraining: {
      dataset: "notes",
      reader: "table",
      columns: { text: { kind: "texts", from: "text" } },
      leakage: "allow-identical",
    },
  },
  backbone: {
    name: "gpt2",
    preset: "nano",
    contextLength: 32,
    encoders: { text: { tokenizer: { name: "words" }, maximumLength: 32 } },
  },
  pretraining: { objective: { name: "nextToken" }, heldOut: "validation", seeds: [1, 2], steps: 40, batchSize: 8 },
};

async function dataFolder(): Promise<string> {
  const data = await makeFolder();
  await mkdir(join(data, "notes"));
  const rows = [...notes(60, "train"), ...notes(21, "validation")];
  await writeFile(join(data, "notes/notes.csv"), ["id,text,split", ...rows].join("\n"));
  return data;
}

it(
  "measures pretraining on examples that were held out, in report, summary and result",
  { timeout: 120_000 },
  async () => {
    const out = join(await makeFolder(), "run");
    const { summary } = await run(recipe, { data: await dataFolder(), out });
    const report = await readReport(out);
    const [first, second] = report.stages;
    expect(report.stages.map(({ stage }) => stage)).toEqual(["pretraining/seed1", "pretraining/seed2"]);
    const values = [first, second].map((stage) => stage!.kind === "pretraining" && stage!.heldOut![0]!.estimate.value!);
    const [measure] = summary.heldOut;
    expect(measure).toMatchObject({ objective: "nextToken", seeds: [1, 2], cases: 21, split: "validation" });
    expect(measure!.estimate.value).toBeCloseTo((Number(values[0]) + Number(values[1])) / 2, 9);
    const result = recipeResult(report)!;
    expect(result).toMatchObject({ metric: "Bits per byte", better: "lower", split: "validation", dataset: "notes" });
    expect(result.methods[0]).toMatchObject({ label: "nextToken", mean: measure!.estimate.value, seeds: 2 });
    expect(result.floor).toEqual({ name: "5-grams of bytes", value: measure!.floor!.estimate.value });
    expect(formatSummary(summary)).toContain("Bits per byte (lower is better) of 21 examples of validation");
    expect(await readFile(join(out, "report.html"), "utf8")).toContain("On examples that were not learned from");
  },
);

it("refuses before time is spent what cannot be measured", async () => {
  const data = await dataFolder();
  const changed = async (pretraining: object): Promise<unknown> =>
    run(
      { ...recipe, pretraining: { ...recipe.pretraining!, ...pretraining } },
      {
        data,
        out: join(await makeFolder(), "run"),
      },
    ).catch((error: unknown) => error);
  expect(String(await changed({ heldOut: "test" }))).toMatch(/no source of pretraining has a split test/);
  expect(String(await changed({ objective: { name: "simclr" } }))).toMatch(/simclr measures nothing/);
  expect(String(await changed({ eachSeed: true }))).toMatch(/no adaptation whose seeds/);
});
