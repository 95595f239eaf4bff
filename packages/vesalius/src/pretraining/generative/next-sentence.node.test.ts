import { describe, expect, it } from "vitest";
import { randomStream } from "../../common/random.ts";
import { type Split, textsColumn } from "../../data/index.ts";
import { architectures, type Backbone } from "../../models/index.ts";
import { splitOf } from "../../tasks/learning.test.helper.ts";
import { heldOut } from "../held-out.test.helper.ts";
import { pretrain } from "../pretrain.ts";
import { nextSentence } from "./next-sentence.ts";

const topics = [
  ["cough", "sputum"],
  ["rash", "itch"],
  ["angina", "murmur"],
  ["polyp", "reflux"],
];

/** Two sentences on one topic: first a complaint, then what was done. */
function texts(name: string, length: number): Split {
  const stream = randomStream(17, name);
  const rows = Array.from({ length }, () => {
    const words = topics[stream.integer(topics.length)]!;
    const some = (): string => words[stream.integer(words.length)]!;
    return `now has ${some()}. we treated ${some()}.`;
  });
  return splitOf(name, { text: textsColumn(rows) });
}

const backbone = (settings: object = {}): Backbone => ({
  network: architectures.create({
    name: "bert",
    width: 32,
    depth: 1,
    heads: 2,
    hiddenWidth: 64,
    maximumPositions: 32,
    initializerRange: 0.15,
    pooling: "mean",
    ...settings,
  }),
  weights: undefined,
  preparation: undefined,
  encoders: { text: { tokenizer: { name: "words" } } },
});
const [train, validation] = [texts("train", 384), texts("validation", 128)];
const options = { epochs: 20, batchSize: 32, learningRate: 5e-3, seed: 1, workers: 0 };

describe("next sentence", () => {
  it.each([
    // A second part of another text is on the same topic one time in four.
    ["of another text", { wrong: "other" }, 0.72],
    ["in the wrong order", { wrong: "swapped" }, 0.95],
  ] as const)(
    "tells parts %s from those that follow, on texts that it never saw",
    async (_, settings, least) => {
      const objective = nextSentence(settings);
      const pretrained = await pretrain(backbone(), objective, train, options);
      const { before, after } = await heldOut(pretrained, objective, validation);
      expect(before["pairAccuracy"]).toBeLessThan(0.7);
      expect(after["pairAccuracy"]).toBeGreaterThan(least);
      // The head of the pair is a part that every checkpoint of the network may have, and stays with it.
      expect([...pretrained.weights.keys()]).toContain("cls.seq_relationship.weight");
    },
    120_000,
  );

  it("learns hidden tokens in the same pass", async () => {
    const objective = nextSentence({ masking: {}, weight: 0.5 });
    const pretrained = await pretrain(backbone(), objective, train, options);
    const { before, after } = await heldOut(pretrained, objective, validation);
    expect(after["accuracy"]).toBeGreaterThan(before["accuracy"]! + 0.3);
    expect(after["loss"]).toBeLessThan(before["loss"]! - 1);
  }, 120_000);

  it("refuses networks without a head for it, and texts that cannot be divided", async () => {
    const decoder = { ...backbone(), network: architectures.create({ name: "gpt2", width: 16, depth: 1, heads: 2 }) };
    await expect(pretrain(decoder, nextSentence(), train, options)).rejects.toThrow(/does not tell which sentence/);
    const short = splitOf("train", { text: textsColumn(["fever", "a rash"]) });
    await expect(pretrain(backbone(), nextSentence(), short, { ...options, epochs: 1 })).rejects.toThrow(/one word/);
  });
});
