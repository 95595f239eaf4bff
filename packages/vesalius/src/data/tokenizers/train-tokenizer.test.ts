import { describe, expect, it } from "vitest";
import { z } from "zod";
import { readFixtureJson } from "../../testing/reference.node.ts";
import { createTokenizer } from "./create-tokenizer.ts";
import { type TokenizerInput, tokenizers } from "./kinds/index.ts";
import { type SentencePiece, sentencePieceFile } from "./kinds/sentence-piece.ts";
import { trainTokenizer } from "./train-tokenizer.ts";

const learned = z.looseObject({ vocabularySize: z.int(), tokens: z.array(z.string()) });
const pieces = z.looseObject({ vocabularySize: z.int(), pieces: z.array(z.tuple([z.string(), z.number()])) });
const reference = z
  .looseObject({
    corpus: z.array(z.string()),
    wordPiece: learned,
    byteLevelBpe: learned.extend({ merges: z.array(z.string()) }),
    sentencePieceBpe: pieces,
    sentencePieceUnigram: pieces,
  })
  .parse(readFixtureJson("tokenizer/trained"));
const { corpus } = reference;
const typeOf = (piece: string): SentencePiece["type"] =>
  piece === "<unk>" ? "unknown" : /^<.*>$/.test(piece) ? "control" : "normal";

describe("a learned vocabulary", () => {
  it("of byte pairs is that of Hugging Face's trainer, token for token", async () => {
    const { vocabularySize, tokens, merges } = reference.byteLevelBpe;
    const tokenizer = await trainTokenizer({ name: "byteLevelBpe", vocabularySize }, corpus);
    expect(tokenizer.vocabulary).toEqual(tokens);
    expect(tokenizer.toJson().tokenizer.model["merges"]).toEqual(merges);
  });

  it("of WordPiece has every token on which runs of Hugging Face's trainer agree", async () => {
    const { vocabularySize, tokens } = reference.wordPiece;
    const tokenizer = await trainTokenizer({ name: "wordPiece", vocabularySize }, corpus);
    expect(tokenizer.vocabulary).toHaveLength(vocabularySize);
    expect(tokenizer.vocabulary).toEqual(expect.arrayContaining(tokens));
  });

  it("of SentencePiece's BPE is that of its trainer, piece for piece", async () => {
    const { vocabularySize, pieces } = reference.sentencePieceBpe;
    const spec = { name: "sentencePieceBpe", vocabularySize, minimumFrequency: 1, characterCoverage: 1 } as const;
    const tokenizer = await trainTokenizer(spec, corpus);
    expect(tokenizer.vocabulary.slice(5)).toEqual(pieces.slice(5).map(([piece]) => piece));
  });

  it("of Unigram explains the corpus as well as that of SentencePiece's trainer", async () => {
    const { vocabularySize, pieces } = reference.sentencePieceUnigram;
    const tokenizer = await trainTokenizer({ name: "unigram", vocabularySize, characterCoverage: 1 }, corpus);
    expect(tokenizer.vocabulary).toHaveLength(vocabularySize);
    const scores = new Map(
      z.array(z.tuple([z.string(), z.number()])).parse(tokenizer.toJson().tokenizer.model["vocab"]),
    );
    const shared = pieces.filter(([piece]) => scores.has(piece));
    expect(shared.length).toBeGreaterThanOrEqual(0.97 * vocabularySize);
    for (const [piece, score] of shared) expect(Math.abs(scores.get(piece)! - score), piece).toBeLessThan(0.1);
    const original = pieces.map(([piece, score]): SentencePiece => ({ piece, score, type: typeOf(piece) }));
    const [ours, theirs] = [tokenizer, createTokenizer(sentencePieceFile("unigram", original))].map((each) =>
      corpus.reduce((sum, text) => sum + each.encode(text).ids.length, 0),
    );
    expect(Math.abs(ours! / theirs! - 1)).toBeLessThan(0.02);
  });
});

const sizes: TokenizerInput[] = [
  { name: "wordPiece", vocabularySize: 250 },
  { name: "byteLevelBpe", vocabularySize: 350 },
  { name: "sentencePieceBpe", vocabularySize: 200 },
  { name: "unigram", vocabularySize: 150 },
  { name: "unigram", vocabularySize: 400, byteFallback: true },
];

describe.each(sizes)("$name of $vocabularySize tokens", (spec) => {
  const [train, heldOut] = [corpus.slice(0, 120), corpus.slice(120)];

  it("has the size asked for, is the same twice, and writes unseen text in fewer tokens than characters", async () => {
    const tokenizer = await trainTokenizer(spec, train);
    expect(tokenizer.vocabulary).toHaveLength((spec as { vocabularySize: number }).vocabularySize);
    expect((await trainTokenizer(spec, train)).toJson()).toEqual(tokenizer.toJson());
    const encodings = heldOut.map((text) => tokenizer.encode(text));
    const tokens = encodings.reduce((sum, { ids }) => sum + ids.length, 0);
    expect(tokens).toBeLessThan(0.6 * heldOut.join("").length);
    const unknown = encodings.flatMap(({ ids }) => [...ids]).filter((id) => id === tokenizer.special.unknown);
    expect(unknown.length).toBeLessThan(0.02 * tokens);
  });

  it("survives a structured clone", async () => {
    const tokenizer = await trainTokenizer(spec, train);
    const again = createTokenizer(structuredClone(tokenizer.toJson()));
    expect(again.encode(heldOut[0]!)).toEqual(tokenizer.encode(heldOut[0]!));
  });
});

describe("training a tokenizer", () => {
  it("reports progress, takes texts as they come, and stops when asked to", async () => {
    const steps = new Set<string>();
    async function* texts(): AsyncGenerator<string> {
      for (const text of corpus) yield await Promise.resolve(text);
    }
    const spec = { name: "unigram", vocabularySize: 150 } as const;
    const tokenizer = await trainTokenizer(spec, texts(), { onProgress: ({ step }) => steps.add(step) });
    expect(steps.size).toBeGreaterThan(0);
    expect(tokenizer.toJson()).toEqual((await trainTokenizer(spec, corpus)).toJson());
    await expect(trainTokenizer(spec, corpus, { signal: AbortSignal.abort() })).rejects.toThrow(/stopped/);
  });

  it.each([
    [{ name: "wordPiece", vocabularySize: 0 }, /vocabularySize/],
    [{ name: "wordPiece", vocabSize: 100 }, /vocabSize/],
    [{ name: "sentence" }, /no tokenizer called sentence/],
    [{ name: "unigram", vocabularySize: 20 }, /15 pieces for \d+ characters/],
  ])("refuses %j", async (spec, message) => {
    await expect(trainTokenizer(spec as TokenizerInput, corpus)).rejects.toThrow(message);
  });

  it("has every kind in its catalogue, with defaults", () => {
    for (const name of tokenizers.names) expect(tokenizers.parse({ name })).toMatchObject({ name });
  });
});
