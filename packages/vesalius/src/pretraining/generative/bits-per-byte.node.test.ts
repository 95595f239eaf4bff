import { expect, it } from "vitest";
import { randomStream } from "../../common/random.ts";
import { type Split, textsColumn } from "../../data/index.ts";
import { byteNgrams } from "../../evaluation/index.ts";
import { initializeParameters } from "../../graph/index.ts";
import { architectures, type Backbone } from "../../models/index.ts";
import { exportTypes, featureGraph, prepare, roleParts } from "../../tasks/index.ts";
import { splitOf } from "../../tasks/learning.test.helper.ts";
import { bitsPerByte } from "./bits-per-byte.ts";
import { maskedBits } from "./masked-bits.ts";
import { maskedTokens } from "./masked-tokens.ts";
import { nextToken } from "./next-token.ts";
import { pretrain } from "../pretrain.ts";

/** Sentences whose end follows from their beginning, which is farther away than five bytes. */
function texts(name: string, length: number): Split {
  const stream = randomStream(19, name);
  const ends = [
    ["cough", "inhaler"],
    ["itch", "ointment"],
    ["ache", "tablet"],
  ];
  const rows = Array.from({ length }, () => {
    const [complaint, treatment] = ends[stream.integer(ends.length)]!;
    return `for ${complaint} that lasts they gave some ${treatment}`;
  });
  return splitOf(name, { text: textsColumn(rows) });
}

const [train, validation] = [texts("train", 200), texts("validation", 50)];
const backbone = (encoder: object = {}): Backbone => ({
  network: architectures.create({ name: "gpt2", width: 32, depth: 1, heads: 2, contextLength: 32 }),
  weights: undefined,
  preparation: undefined,
  encoders: { text: { tokenizer: { name: "words" }, ...encoder } },
});

it("counts the bits of texts that were not seen: those of a trained network are fewer than those of five bytes", async () => {
  const options = { epochs: 12, batchSize: 20, learningRate: 1e-2, seed: 1, workers: 0 };
  const trained = await pretrain(backbone(), nextToken(), train, options);
  const found = await bitsPerByte(trained, validation, { batchSize: 16 });
  const { values } = validation.columns["text"] as ReturnType<typeof textsColumn>;
  expect(found.bytes).toBe(values.join("").length);
  const { values: seen } = train.columns["text"] as ReturnType<typeof textsColumn>;
  expect(found.bitsPerByte).toBeLessThan(byteNgrams(seen, 5).bitsPerByte(values));
  // Batches of any size say the same, also where the last one is not full.
  expect((await bitsPerByte(trained, validation, { batchSize: 7 })).bitsPerByte).toBeCloseTo(found.bitsPerByte, 4);

  const prepared = await prepare(backbone(), train);
  const graph = featureGraph(prepared, exportTypes(roleParts(prepared), 1, {}));
  const untrained = await bitsPerByte({ ...prepared, weights: initializeParameters(graph, 1) }, validation);
  expect(untrained.perplexity).toBeGreaterThan(3 * found.perplexity);
  expect(untrained.bitsPerByte).toBeCloseTo((Math.log2(untrained.perplexity) * untrained.tokens) / untrained.bytes, 6);
}, 60_000);

it("measures what was learned beside n-grams, and texts that tokens do not stand for in full count as left out", async () => {
  const options = { epochs: 12, batchSize: 20, learningRate: 1e-2, seed: 1, workers: 0 };
  const trained = await pretrain(backbone(), nextToken(), train, options);
  const { values } = validation.columns["text"] as ReturnType<typeof textsColumn>;
  // A word that the vocabulary does not have would be free, as would small letters in place of large ones.
  const foreign = [...values.slice(0, 40), "for hiccup that lasts they gave some water", "For Cough"];
  const heldOut = splitOf("validation", { text: textsColumn(foreign) });
  const [measure] = await nextToken().measure!(trained, { trained: train, heldOut }, { seed: 3 });
  expect(measure).toMatchObject({ name: "bitsPerByte", split: "validation", better: "lower", cases: 40 });
  expect(measure!.leftOut).toEqual({ "tokens do not stand for all of the text": 2 });
  const known = splitOf("validation", { text: textsColumn(values.slice(0, 40)) });
  expect(measure!.estimate.value).toBeCloseTo((await bitsPerByte(trained, known)).bitsPerByte, 6);
  const { values: seen } = train.columns["text"] as ReturnType<typeof textsColumn>;
  expect(measure!.floor!.estimate.value).toBeCloseTo(byteNgrams(seen, 5).bitsPerByte(values.slice(0, 40)), 6);
  expect(measure!.difference!.upper).toBeLessThan(0);
}, 60_000);

it("measures a masked network by each token given all others", async () => {
  const bert: Backbone = {
    network: architectures.create({
      name: "bert",
      width: 32,
      depth: 1,
      heads: 2,
      hiddenWidth: 64,
      maximumPositions: 32,
    }),
    weights: undefined,
    preparation: undefined,
    encoders: { text: { tokenizer: { name: "words" } } },
  };
  const objective = maskedTokens({ maskRatio: 0.3, dropout: false });
  const trained = await pretrain(bert, objective, train, {
    epochs: 20,
    batchSize: 20,
    learningRate: 1e-2,
    seed: 1,
    workers: 0,
  });
  const [measure] = await objective.measure!(trained, { trained: train, heldOut: validation }, { seed: 3 });
  expect(measure).toMatchObject({ name: "pseudoBitsPerByte", cases: 50, leftOut: {} });
  // Either end tells the other, so that nothing of a text is left to chance.
  expect(measure!.difference!.upper).toBeLessThan(0);
  expect(measure!.estimate.value).toBeLessThan(0.1);
  const few = await maskedBits(trained, validation, { texts: 5, seed: 2 });
  const all = await maskedBits(trained, validation);
  expect(few.rows).toHaveLength(5);
  few.rows.forEach((row, i) => expect(few.bits[i]).toBeCloseTo(all.bits[row]!, 3));
  const [none] = await objective.measure!(
    { ...trained, preparation: { text: { ...trained.preparation["text"]!, maximumLength: 4 } } },
    { trained: train, heldOut: validation },
  );
  expect(none).toMatchObject({ cases: 0, estimate: { value: null, reason: "none of the texts could be measured" } });
}, 60_000);

it("refuses texts that would be cut, and networks that see what they predict", async () => {
  const short = await prepare(backbone({ maximumLength: 6 }), train);
  const graph = featureGraph(short, exportTypes(roleParts(short), 1, {}));
  const weights = initializeParameters(graph, 1);
  await expect(bitsPerByte({ ...short, weights }, validation)).rejects.toThrow(
    /50 texts cannot be measured: longer than the network reads/,
  );
  const bert = {
    ...short,
    network: architectures.create({ name: "bert", width: 8, depth: 1, heads: 1, hiddenWidth: 8 }),
  };
  await expect(bitsPerByte({ ...bert, weights }, validation)).rejects.toThrow(/sees the tokens/);
});
