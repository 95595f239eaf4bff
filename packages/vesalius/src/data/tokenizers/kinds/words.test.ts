import { describe, expect, it } from "vitest";
import { trainTokenizer } from "../train-tokenizer.ts";

const texts = ["The patient was admitted.", "The heart is normal; the lungs are clear.", "Patient is well."];

describe("whole words", () => {
  it("are those of the corpus, most frequent first", async () => {
    const tokenizer = await trainTokenizer({ name: "words", lowercase: true, minimumFrequency: 2 }, texts);
    expect(tokenizer.vocabulary.slice(5)).toEqual([".", "the", "is", "patient"]);
    const { tokens, offsets, wordIds } = tokenizer.encode("The  patient's heart.");
    expect(tokens).toEqual(["the", "patient", "[UNK]", "[UNK]", "[UNK]", "."]);
    expect([...offsets]).toEqual([0, 3, 5, 12, 12, 13, 13, 14, 15, 20, 20, 21]);
    expect([...wordIds]).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it("keep case and punctuation where the settings say so", async () => {
    const tokenizer = await trainTokenizer({ name: "words", punctuation: false, vocabularySize: 8 }, texts);
    expect(tokenizer.vocabulary.slice(5)).toEqual(["The", "is", "Patient"]);
  });

  it("need a corpus, and stop when asked to", async () => {
    await expect(trainTokenizer({ name: "words" }, ["", " "])).rejects.toThrow(/2 texts without a word/);
    const signal = AbortSignal.abort();
    await expect(trainTokenizer({ name: "words" }, texts, { signal })).rejects.toThrow(/stopped/);
    const steps: string[] = [];
    await trainTokenizer({ name: "words" }, texts, { onProgress: ({ step, done }) => steps.push(`${step} ${done}`) });
    expect(steps).toContain("reading texts 3");
  });
});
