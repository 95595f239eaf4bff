/** A model whose own data were read with options answers and is evaluated without their being said again. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runRecipe } from "vesalius/recipes";
import { beforeAll, describe, expect, it } from "vitest";
import { makeFolder, objectOn, vesalius } from "./command-line.test.helper.ts";

const line = (i: number): string =>
  JSON.stringify({
    id: `q${i}`,
    asked: i % 2 === 0 ? "is there a fracture" : "is it normal",
    type: i % 3 === 0 ? "OPEN" : "CLOSED",
    reply: i % 2 === 0 ? "yes" : "no",
  });
const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => `${line(from + i)}\n`).join("");

describe("data for a model", () => {
  let folder: string;
  let model: string;
  let data: string;
  beforeAll(async () => {
    folder = await makeFolder();
    data = join(folder, "questions");
    await mkdir(data);
    await writeFile(join(data, "train.jsonl"), lines(0, 24));
    await writeFile(join(data, "test.jsonl"), lines(24, 48));
    await runRecipe(
      {
        name: "questions",
        data: {
          task: {
            dataset: "questions",
            only: { type: "CLOSED" },
            leakage: "allow-identical",
            columns: { text: { kind: "texts", from: "asked" }, label: { kind: "classes", from: "reply" } },
          },
        },
        backbone: { name: "bert", preset: "nano", encoders: { text: { tokenizer: { name: "words" } } } },
        task: { name: "classification" },
        adaptation: { epochs: 1, batchSize: 8, methods: [{ name: "scratch" }] },
        evaluation: { split: "test", resamples: 20 },
      },
      { data: folder, out: join(folder, "run"), workers: 0 },
    );
    model = join(folder, "run/models/scratch-seed0");
  });

  it("is filtered and named as the model's own was, says so, and what is said holds in its place", async () => {
    const command = ["evaluate", model, data, "--split", "test", "--resamples", "20", "--json"];
    const own = await vesalius(...command, "--out", join(folder, "own"));
    expect(objectOn(own)).toMatchObject({ count: 16 });
    expect(own.stderr).toContain('only={"type":"CLOSED"}');
    const other = await vesalius(...command, "--out", join(folder, "other"), "--option", "only={ type: OPEN }");
    expect(objectOn(other)).toMatchObject({ count: 8 });
    expect(other.stderr).not.toContain("only=");
    const plain = await vesalius(...command, "--out", join(folder, "plain"), "--no-model-options");
    expect(plain.code).toBe(1);
  });

  it("is read for answers as far as it fits: without the field of the filter, and as a single file", async () => {
    const asked = join(folder, "asked.jsonl");
    await writeFile(asked, `${JSON.stringify({ id: "a", asked: "is it normal" })}\n`);
    const ended = await vesalius("predict", model, asked, "--json");
    expect(objectOn(ended)).toMatchObject({ predictions: [{ id: expect.stringContaining("a") as string }] });
    expect(ended.stderr).toContain('columns={"text"');
    const note = join(folder, "note.txt");
    await writeFile(note, "is it normal");
    expect(objectOn(await vesalius("predict", model, note, "--json"))).toMatchObject({
      predictions: [{ answer: expect.anything() as object }],
    });
    const filtered = objectOn(await vesalius("predict", model, data, "--split", "test", "--json"));
    expect(filtered["predictions"]).toHaveLength(16);
  });
});
