import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { randomStream } from "../common/random.ts";
import { referencesColumn, type Split, textsColumn } from "../data/index.ts";
import { evaluate } from "../evaluation/index.ts";
import { architectures, type Backbone } from "../models/index.ts";
import { createTask, decodeIndex, fitTask, Model, retrieval, type RetrievalAnswer, withTable } from "../tasks/index.ts";
import { collected, datasetOf, splitOf } from "../tasks/learning.test.helper.ts";
import { adapt, lora, scratch } from "./index.ts";
import { loadModel } from "./load-model.node.ts";

const topics = ["flu", "asthma", "gout", "stroke", "anemia", "lupus", "scurvy", "rabies"];
const aspects = ["cause", "signs", "cure", "outlook"];
/** What passages say of topics and aspects: words that no query uses. */
const inPassages = (word: string): string => `${word.split("").toReversed().join("")}x`;

const passages: Split = {
  ...splitOf("passages", {
    text: textsColumn(
      topics.flatMap((topic, t) =>
        aspects.map((aspect, a) => `${inPassages(topic)} ${inPassages(aspect)} code${t * aspects.length + a}`),
      ),
    ),
  }),
  name: "passages",
};

/** Queries about a topic and an aspect, with filling words; the entry that answers each is known. */
function queries(name: string, length: number, shift = 0, coded = false): Split {
  const stream = randomStream(5, name);
  const drawn = Array.from({ length }, () => [stream.integer(topics.length), stream.integer(aspects.length)] as const);
  const filling = () => ["what", "about", "please", "tell"][stream.integer(4)]!;
  const entryOf = ([topic, aspect]: readonly [number, number]): number => topic * aspects.length + aspect;
  const texts = drawn.map(([topic, aspect], row) => {
    const words = `${filling()} ${aspects[aspect]} ${filling()} ${topics[topic]}`;
    return coded ? `${words} code${entryOf(drawn[row]!)}` : words;
  });
  const relevant = drawn.map((one) => {
    const entry = (entryOf(one) + shift) % passages.length;
    // One in four passages is answered by its neighbour too.
    return entry % 4 === 0 ? { rows: [entry, entry + 1], grades: [2, 1] } : { rows: [entry], grades: [1] };
  });
  return splitOf(name, { query: textsColumn(texts), relevant: referencesColumn(passages, relevant) });
}

const [train, validation] = [queries("train", 384), queries("validation", 96)];
const bert = { width: 32, depth: 1, heads: 2, hiddenWidth: 64, maximumPositions: 16, pooling: "mean", dropout: 0 };
const dualTower = (towers: object): Backbone => ({
  network: architectures.create({ name: "dualTower", towers, width: 16 }),
  weights: undefined,
  preparation: undefined,
  columns: { question: ["query"], passage: ["relevant.text"] },
});
const shared = dualTower({ question: { name: "bert", ...bert }, passage: { sameAs: "question" } });
const apart = dualTower({ question: { name: "bert", ...bert }, passage: { name: "bert", ...bert } });

type RetrievalTask = ReturnType<typeof retrieval>;
const taskOf = (settings: object = {}): RetrievalTask =>
  fitTask({ name: "retrieval", ...settings }, datasetOf({ train })) as unknown as RetrievalTask;
const options = { method: scratch(), epochs: 12, batchSize: 32, learningRate: 5e-3, seed: 1, workers: 0 };

const metricsOf = async (model: Model<RetrievalAnswer>, task: RetrievalTask, split = validation) => {
  const { metrics, floors } = await evaluate(model, task, split, { resamples: 2 });
  const [gain, rank] = ["normalizedDiscountedGain", "reciprocalRank"].map((name) => metrics[name]!.value!);
  return { gain: gain!, rank: rank!, floor: floors["reciprocalRank"]! };
};

describe("retrieval", () => {
  let folder: string;
  let model: Model<RetrievalAnswer>;
  const task = taskOf();
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "vesalius-retrieval-"));
    model = await adapt(shared, task, { ...options, data: train });
  });
  afterAll(async () => {
    await model.release();
    await rm(folder, { recursive: true, force: true });
  });

  it("finds passages that share no word with the query, with one tower for both sides or two", async () => {
    const found = await metricsOf(model, task);
    expect(found.rank).toBeGreaterThan(0.8);
    expect(found.gain).toBeGreaterThan(0.7);
    expect(found.floor).toBeLessThan(0.2);
    const two = await adapt(apart, task, { ...options, data: train });
    expect((await metricsOf(two, task)).rank).toBeGreaterThan(0.8);
    await two.release();
  });

  it("finds the wrong passages where it was taught them", async () => {
    const misled = queries("train", 384, 7);
    const other = await adapt(shared, task, { ...options, data: misled });
    expect((await metricsOf(other, task)).rank).toBeLessThan(0.25);
    await other.release();
  });

  it("is saved, loaded and run the same, against another table too, and embeds a table once", async () => {
    await model.save(folder);
    const loaded = (await loadModel(folder)) as unknown as typeof model;
    const answers = await collected(model.predict(validation));
    expect(await collected(loaded.predict(validation))).toEqual(answers);
    const [first] = answers;
    expect(first!.answer!.rows).toHaveLength(passages.length);
    expect(first!.answer!.ids).toEqual(Array.from(first!.answer!.rows, (row) => passages.ids[row]));
    expect(Array.from(first!.answer!.scores)).toEqual(Array.from(first!.answer!.scores).sort((a, b) => b - a));
    expect(task.toJson(first!.answer!)).toHaveLength(10);
    const few: Split = {
      ...splitOf("few", { text: textsColumn(["xulfx esuacx", "tuogx erucx"].map((text) => text.slice(1))) }),
      name: "few",
    };
    const asked = splitOf("asked", {
      query: textsColumn(["tell cure please gout"]),
      relevant: referencesColumn(few, [null]),
    });
    const [answer] = await collected(loaded.predict(asked));
    expect(answer!.answer!.ids).toHaveLength(2);
    await loaded.release();
  });

  it("keeps what it searches where the task says so, and answers from that without the data", async () => {
    const kept = createTask({ name: "retrieval", ...task.settings, keepIndex: true }) as unknown as RetrievalTask;
    const { backbone, weights } = model;
    const keeping = new Model<RetrievalAnswer>({ task: kept, backbone, weights });
    await keeping.keepIndex(train);
    const own = join(folder, "kept");
    await keeping.save(own);
    await keeping.release();
    const loaded = (await loadModel(own)) as unknown as typeof model;
    const { relevant: _truth, ...columns } = validation.columns;
    const asked = withTable(loaded, { ...validation, columns });
    expect(await collected(loaded.predict(asked))).toEqual(await collected(model.predict(validation)));
    await loaded.release();
    // An index of other entries than its identifiers is refused, also where nothing says that a file was changed.
    const files = { vectors: await readFile(join(own, "index.safetensors")), entries: "{}" };
    const entries = JSON.parse(await readFile(join(own, "index.json"), "utf8")) as { ids: string[] };
    expect(() => decodeIndex(files, own)).toThrow(/index\.json/);
    const fewer = JSON.stringify({ ...entries, ids: entries.ids.slice(1) });
    expect(() => decodeIndex({ ...files, entries: fewer }, own)).toThrow(/different entries/);
    await model.keepIndex(train);
    expect(model.searched).toBeUndefined();
    expect(() => withTable(model, { ...validation, columns })).toThrow(/keeps none/);
  });

  it("fuses the ranking with one by words, as the setting says", async () => {
    const coded = queries("coded", 64, 0, true);
    const weighted = async (weight: number): Promise<number> => {
      const hybrid = { name: "bm25", weight };
      const fused = createTask({ name: "retrieval", ...task.settings, hybrid }) as unknown as RetrievalTask;
      const { backbone, weights } = model;
      const other = new Model<RetrievalAnswer>({ task: fused, backbone, weights });
      const { rank } = await metricsOf(other, fused, coded);
      await other.release();
      return rank;
    };
    expect(await weighted(1)).toBe(1);
    expect(await weighted(0)).toBeCloseTo((await metricsOf(model, task, coded)).rank, 6);
    expect(await weighted(0.5)).toBeGreaterThan(0.9);
  });

  it("adapts a pretrained pair of towers with low rank, and a projection of its own", async () => {
    const method = lora({ rank: 4, targets: ["query", "value"] });
    const projected = taskOf({ projection: 8 });
    const own = new Map([...model.weights].filter(([name]) => !name.startsWith("projection.")));
    const adapted = await adapt({ ...model.backbone, weights: own }, projected, {
      ...options,
      method,
      epochs: 4,
      data: train,
    });
    expect((await metricsOf(adapted, projected)).rank).toBeGreaterThan(0.7);
    expect([...adapted.weights.keys()]).toContain("projection.query.weight");
    await adapted.release();
  });

  it("writes rankings as TREC does", async () => {
    const [file] = await collected(task.files(model.predict(validation), validation));
    const [first, second] = String(file!.content).split("\n");
    expect(first).toMatch(/^validation\/0 Q0 passages\/\d+ 1 -?[\d.e-]+ vesalius$/);
    expect(second).toMatch(/^validation\/0 Q0 passages\/\d+ 2 /);
  });

  it("refuses what cannot be searched, before time is spent", async () => {
    const empty = referencesColumn(
      passages,
      validation.ids.map(() => null),
    );
    const judgedNone = { ...validation, columns: { ...validation.columns, relevant: empty } };
    expect(() => task.check(judgedNone, "training")).toThrow(/96 training examples refer to nothing/);
    expect(() => task.check(judgedNone, "evaluation")).toThrow(/no example refers/);
    expect(() => task.check(judgedNone, "prediction")).not.toThrow();
    expect(() => task.check(splitOf("a", { query: textsColumn(["a"]) }), "prediction")).toThrow(/no column relevant/);
    const unread = { ...shared, columns: { question: ["query"], passage: ["query"] } };
    await expect(adapt(unread, task, { ...options, data: train })).rejects.toThrow(/one that reads the table/);
    expect(() => retrieval({ limit: 0 })).toThrow(/limit/);
    expect(() => retrieval({ hybrid: { name: "tfidf" } } as never)).toThrow(/hybrid/);
  });
});
