import { describe, expect, it } from "vitest";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { adapt, loadModel, scratch } from "../../adaptation/index.node.ts";
import { randomStream } from "../../common/random.ts";
import {
  encoders,
  type Relation,
  relationsColumn,
  type Span,
  spansColumn,
  type Split,
  textsColumn,
} from "../../data/index.ts";
import { evaluate } from "../../evaluation/index.ts";
import { architectures, type Backbone } from "../../models/index.ts";
import { fitTask } from "../create-task.ts";
import { collected, datasetOf, splitOf } from "../learning.test.helper.ts";
import { relationExtraction } from "./relation-extraction.ts";

const drugs = ["aspirin", "metformin", "lithium", "quinine"];
const diseases = ["rash", "gout", "tremor", "fever"];

/**
 * Texts with two chemicals and two diseases in one sentence: what is said between the two decides, so that a pair is told by
 * its place and not by its words.
 *
 * @param swapped whether the relations are those of the other chemical, which nothing in the text supports
 */
function abstracts(name: string, length: number, seed: number, swapped = false): Split {
  const stream = randomStream(seed, "relations");
  const pick = (from: readonly string[], but?: string): string => {
    const found = from[stream.integer(from.length)]!;
    return found === but ? pick(from, but) : found;
  };
  const rows = Array.from({ length }, () => {
    const [one, first] = [pick(drugs), pick(diseases)];
    const [drug, disease] = [pick(drugs, one), pick(diseases, first)];
    const causesFirst = stream.uniform() < 0.5;
    const verbs = causesFirst ? ["causes", "cures"] : ["cures", "causes"];
    const text = `${one} ${verbs[0]!} ${first} while ${drug} ${verbs[1]!} ${disease}`;
    const at = (word: string, type: string): Span => ({
      start: text.indexOf(word),
      end: text.indexOf(word) + word.length,
      type,
    });
    const chemicals = [at(one, "Chemical"), at(drug, "Chemical")];
    const found = [at(first, "Disease"), at(disease, "Disease")];
    const which = causesFirst ? 0 : 1;
    const relation: Relation = { type: "causes", head: chemicals[swapped ? 1 - which : which]!, tail: found[which]! };
    return { text, spans: [...chemicals, ...found], relations: [relation] };
  });
  return splitOf(name, {
    text: textsColumn(rows.map(({ text }) => text)),
    spans: spansColumn(
      ["Chemical", "Disease"],
      rows.map(({ spans }) => spans),
    ),
    relations: relationsColumn(
      ["causes"],
      ["Chemical", "Disease"],
      rows.map(({ relations }) => relations),
    ),
  });
}

const [train, validation] = [abstracts("train", 160, 1), abstracts("validation", 60, 2)];
const bert = (settings: object = {}): Backbone => ({
  network: architectures.create({
    name: "bert",
    width: 32,
    depth: 1,
    heads: 2,
    hiddenWidth: 64,
    maximumPositions: 24,
    initializerRange: 0.15,
    ...settings,
  }),
  weights: undefined,
  preparation: undefined,
  encoders: { text: { tokenizer: { name: "words" }, maximumLength: 24 } },
});
const task = fitTask({ name: "relationExtraction", hidden: 32 }, datasetOf({ train }));
const options = { method: scratch(), data: train, epochs: 12, batchSize: 16, learningRate: 5e-3, seed: 1, workers: 0 };

describe("relation extraction", () => {
  it("takes types, signatures and the number of pairs from the data", () => {
    expect(task.settings).toMatchObject({
      types: ["causes"],
      signatures: [{ head: "Chemical", tail: "Disease", usual: "causes" }],
      pairs: 4,
    });
  });

  it("learns which pair of a sentence is related, far above co-occurrence, and says the same when it is loaded", async () => {
    const model = await adapt(bert(), task, options);
    const report = await evaluate(model, task, validation, { resamples: 20 });
    expect(report.floors["f1"]).toBeCloseTo(0.4, 12);
    expect(report.metrics["f1"]!.value).toBeGreaterThan(0.85);
    // Relations that the texts do not state are not found: nothing of the labels leaks into what is read.
    const wrong = await evaluate(model, task, abstracts("validation", 60, 2, true), { resamples: 20 });
    expect(wrong.metrics["f1"]!.value).toBeLessThan(0.15);
    const folder = await mkdtemp(join(tmpdir(), "vesalius-relations-"));
    await model.save(folder);
    const again = await loadModel(folder);
    const { relations: _unknown, ...columns } = validation.columns;
    const [before, after] = [
      await collected(model.predict(validation)),
      await collected(again.predict({ ...validation, columns })),
    ];
    expect(after).toEqual(before);
    const [file] = await collected(task.files(model.predict(validation), validation));
    expect(String(file!.content)).toMatch(/^id,type,head start.*\nvalidation\/0,causes,\d+/);
    await Promise.all([model.release(), again.release(), rm(folder, { recursive: true })]);
  }, 60_000);

  it("counts what it does not read: pairs beyond the limit, pieces that were cut off, further relations", async () => {
    const of = { name: "tokens" as const, maximumLength: 6, tokenizer: { name: "words" } };
    const fitted = await encoders.entry("tokens").fit!(of as never, [train.columns["text"]!], { seed: 1 });
    const settings = { of: { ...fitted, name: "tokens" as const }, signatures: [["Chemical", "Disease"]], pairs: 1 };
    const spans = [
      { start: 0, end: 7, type: "Chemical" },
      { start: 15, end: 19, type: "Disease" },
      { start: 40, end: 44, type: "Disease" },
    ];
    const text = "aspirin causes rash and then much later gout";
    const [head, tail, far] = spans as [Span, Span, Span];
    const relation = { type: "causes", head, tail };
    const read = encoders.create({ name: "spanPairs", ...settings });
    expect(read.counts!(read.prepare!([text, spans]))).toEqual({ pairs: 2, unseenPairs: 1, pairsLeftOut: 0 });
    const labels = encoders.create({ name: "pairRelations", ...settings, types: ["causes"] });
    expect(labels.counts!(labels.prepare!([text, spans, [relation, relation, { ...relation, tail: far }]]))).toEqual({
      relations: 3,
      unseenRelations: 1,
      furtherRelations: 1,
    });
    expect(() => read.prepare!(["rash", spans])).toThrow(/ends behind its text/);
  });

  it.each([
    [
      "data without relations",
      {
        relations: relationsColumn(
          ["causes"],
          ["Chemical", "Disease"],
          train.ids.map(() => []),
        ),
      },
    ],
    [
      "texts that nobody annotated",
      {
        relations: relationsColumn(
          ["causes"],
          ["Chemical", "Disease"],
          train.ids.map((_, row) => (row === 0 ? null : [])),
        ),
      },
    ],
  ])("refuses %s before training", async (_, columns) => {
    const data = { ...train, columns: { ...train.columns, ...columns } };
    await expect(adapt(bert(), task, { ...options, data })).rejects.toMatchObject({ code: "bad-data" });
    expect(() => fitTask({ name: "relationExtraction" }, datasetOf({ train: data }))).toThrow(/relation/);
  });

  it("refuses a type that it does not know, a network without tokens, and settings that only data tell", async () => {
    const other = relationsColumn(
      ["treats"],
      ["Chemical", "Disease"],
      [
        [{ type: "treats", head: { start: 0, end: 1, type: "Chemical" }, tail: { start: 2, end: 3, type: "Disease" } }],
        ...train.ids.slice(1).map(() => []),
      ],
    );
    const data = { ...train, columns: { ...train.columns, relations: other } };
    await expect(adapt(bert(), task, { ...options, data })).rejects.toThrow(/type of relation/);
    expect(() => relationExtraction()).toThrow(/needs to know types/);
    const pair: Backbone = {
      ...bert(),
      encoders: { text: { tokenizer: { name: "words" }, pair: true } },
      columns: { text: ["text", "text"] },
    };
    await expect(adapt(pair, task, options)).rejects.toThrow(/does not read one text/);
  });
});
