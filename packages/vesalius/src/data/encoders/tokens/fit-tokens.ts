import { VesaliusError } from "../../../common/errors.ts";
import { randomStream } from "../../../common/random.ts";
import type { Column } from "../../column.ts";
import { kindOf } from "../../columns/index.ts";
import type { ChoicesColumn } from "../../columns/choices.ts";
import type { DialoguesColumn } from "../../columns/dialogues.ts";
import type { SequencesColumn } from "../../columns/sequences.ts";
import { isPresent } from "../../columns/storage.ts";
import { createTokenizer } from "../../tokenizers/create-tokenizer.ts";
import { type TokenizerInput, tokenizers } from "../../tokenizers/kinds/index.ts";
import type { TokenizerFile } from "../../tokenizers/tokenizer-file.ts";
import type { FitContext } from "../encoder.ts";
import { documentEncoder } from "./documents.ts";
import { wordBounds } from "./read-tokens.ts";
import { tokenizerOf, type TokensSettings } from "./settings.ts";
import { FeatureCounter, featureRows, type WordFeatures } from "./word-features.ts";

/** Rows that are read at once where texts are drawn from files. */
const DRAWN = 1024;

/** Columns whose values are strings. */
type TextColumn = Column & { readonly values: readonly string[] };

/** The tokenizer of a kind of column where the settings name none. */
function usualTokenizer(column: Column): TokenizerInput {
  if (column.kind === "molecules") return { name: "smiles" };
  if (column.kind !== "sequences") return { name: "wordPiece", vocabularySize: 8000 };
  const { alphabet } = column as SequencesColumn;
  if (alphabet === "protein") return { name: "residues", unknown: "token" };
  return { name: "characters", alphabet: alphabet === "dna" ? "ACGTN" : "ACGUN" };
}

/** Texts of a column that stay in their files, drawn until there are enough characters. */
async function drawnTexts(column: Column, characters: number, seed: number): Promise<string[]> {
  const order = randomStream(seed, "tokenizer").permutation(column.length);
  const drawn: string[] = [];
  let total = 0;
  for (let start = 0; start < order.length && total < characters; start += DRAWN) {
    const rows = order.slice(start, start + DRAWN).sort();
    for (const text of await kindOf(column).read(column, rows)) {
      if (typeof text !== "string" || total >= characters) continue;
      drawn.push(text);
      total += text.length;
    }
  }
  return drawn;
}

/** Texts of columns, all of them or, where they are too long together, some drawn at random. */
async function trainingTexts(columns: readonly Column[], characters: number, seed: number): Promise<string[]> {
  const read = columns.map(async (column) => {
    if (kindOf(column).streamed === true) return drawnTexts(column, characters, seed);
    if (column.kind === "choices") return (column as ChoicesColumn).options;
    if (column.kind === "dialogues") return (column as DialoguesColumn).texts;
    return (column as TextColumn).values.filter((_, row) => isPresent(column, row));
  });
  const texts = (await Promise.all(read)).flat();
  if (texts.length === 0)
    throw new VesaliusError("bad-data", "there is no text to learn tokens from", {
      fix: "give a training split with texts, or a tokenizer's file",
    });
  let total = texts.reduce((sum, { length }) => sum + length, 0);
  if (total <= characters) return texts;
  total = 0;
  const drawn: string[] = [];
  for (const row of randomStream(seed, "tokenizer").permutation(texts.length)) {
    if (drawn.length > 0 && total + texts[row]!.length > characters) continue;
    total += texts[row]!.length;
    drawn.push(texts[row]!);
  }
  return drawn;
}

/** Counts the features of the words that a tokenizer finds in texts. */
function countFeatures(
  texts: readonly string[],
  file: TokenizerFile,
  features: WordFeatures,
  separator: string | undefined,
): WordFeatures {
  const encode = documentEncoder(createTokenizer(file), separator);
  const counter = new FeatureCounter(features);
  for (const text of texts) {
    const { starts, ends } = wordBounds(encode(text));
    starts.forEach((start, word) => {
      if (start >= 0) counter.add(text.slice(start, ends[word]));
    });
  }
  return { ...features, values: counter.values() };
}

/**
 * Trains the tokenizer that the settings name, and counts features of words, on training columns. What is fitted already
 * stays as it is.
 *
 * @throws VesaliusError `bad-data` for columns without a text, `interrupted` where the signal is aborted
 */
export async function fitTokens(
  given: TokensSettings,
  columns: readonly Column[],
  { seed, signal }: FitContext,
): Promise<TokensSettings> {
  const ready = tokenizerOf(given);
  const { features } = given;
  const counted = features === undefined || features.values !== undefined;
  const texts = ready !== undefined && counted ? [] : await trainingTexts(columns, given.trainingCharacters, seed);
  const documents = given.separator === undefined ? texts : texts.flatMap((text) => text.split(given.separator!));
  const trainer = (given.tokenizer ?? usualTokenizer(columns[0]!)) as TokenizerInput;
  const file = ready ?? (await tokenizers.create(trainer).train(documents, signal === undefined ? {} : { signal }));
  const fitted = features === undefined || counted ? features : countFeatures(texts, file, features, given.separator);
  return {
    ...given,
    tokenizer: file,
    ...(fitted === undefined ? {} : { features: fitted, featureRows: featureRows(fitted.values!) }),
  };
}
