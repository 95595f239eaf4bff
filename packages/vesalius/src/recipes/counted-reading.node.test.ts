import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { makeFolder } from "./recipe.test.helper.ts";
import { runReportSchema } from "./report/run-report.ts";
import { runRecipe } from "./run-recipe.node.ts";
import type { RecipeInput } from "./schema.ts";

const words = ["fever", "cough", "pain", "rash", "fatigue", "nausea", "chills", "dyspnoea"];
/** Words of each text; the network reads ten tokens, two of them special. */
const lengths = [3, 6, 12] as const;
const most = 8;

/** A table of short notes, so many words each, and two classes. */
function notes(count: number, split: string): string[] {
  return Array.from({ length: count }, (_, i) => {
    const length = lengths[i % lengths.length]!;
    const text = Array.from({ length }, (_unused, k) => words[(i * 3 + k * (1 + (i % 5))) % words.length]).join(" ");
    return `${split}-${i},"note ${split} ${i}: ${text}",${i % 2 === 0 ? "acute" : "chronic"},${split}`;
  });
}

const recipe: RecipeInput = {
  name: "notes",
  data: { task: { dataset: "notes", reader: "table", columns: textAndLabel(), leakage: "allow-identical" } },
  backbone: {
    name: "bert",
    preset: "nano",
    maximumPositions: most + 2,
    encoders: { text: { tokenizer: { name: "words" }, maximumLength: most + 2 } },
  },
  pretraining: { objective: { name: "maskedTokens" }, steps: 2, batchSize: 4 },
  task: { name: "classification" },
  adaptation: { steps: 2, batchSize: 4, methods: [{ name: "scratch" }, { name: "linearProbe" }] },
  evaluation: { resamples: 10 },
};

function textAndLabel() {
  return { text: { kind: "texts", from: "text" }, label: { kind: "classes", from: "label" } } as const;
}

it("records what was cut of the texts in every stage, and the report says it", { timeout: 120_000 }, async () => {
  const data = await makeFolder();
  await mkdir(join(data, "notes"));
  const rows = [...notes(24, "train"), ...notes(12, "validation")];
  await writeFile(join(data, "notes/notes.csv"), ["id,text,label,split", ...rows].join("\n"));
  const out = join(await makeFolder(), "run");
  await runRecipe(recipe, { data, out, workers: 0 });
  const { stages } = runReportSchema.parse(JSON.parse(await readFile(join(out, "report.json"), "utf8")));
  const counted = stages.map(({ stage, counts }) => ({ stage, counts: counts["text"] }));
  // "note SPLIT NUMBER:" are four tokens before the words.
  const cut = lengths.map((length) => Math.max(0, length + 4 - most));
  const total = (texts: number) => ({
    truncatedTexts: (texts / lengths.length) * cut.filter((tokens) => tokens > 0).length,
    truncatedTokens: (texts / lengths.length) * cut.reduce((sum, tokens) => sum + tokens, 0),
  });
  for (const { stage, counts } of counted)
    expect(counts, stage).toMatchObject(total(stage.startsWith("evaluation") ? 12 : 24));
  expect(counted).toHaveLength(1 + 2 * 2);
  const page = await readFile(join(out, "report.html"), "utf8");
  expect(page).toContain("What was read of the examples");
  expect(page).toContain(`truncated tokens ${total(24).truncatedTokens}`);
});
