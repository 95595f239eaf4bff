import { z } from "zod";
import { VesaliusError } from "../../../common/errors.ts";
import { tokenizers } from "../../tokenizers/kinds/index.ts";
import { type TokenizerFile, tokenizerFileSchema } from "../../tokenizers/tokenizer-file.ts";
import { wordFeaturesSchema } from "./word-features.ts";

const ascending = (values: readonly number[]): boolean => values.every((value, i) => i === 0 || value > values[i - 1]!);

/** Which of the two a person meant, and what is wrong with it. */
function explain(input: unknown): string {
  const isFile = typeof input === "object" && input !== null && "tokenizer" in input;
  const { error } = (isFile ? tokenizerFileSchema : tokenizers.schema).safeParse(input);
  const problems = error?.issues.map(({ path, message }) => [...path, message].join(": ")).join("; ");
  return `is neither a kind of tokenizer (${tokenizers.names.join(", ")}) nor a tokenizer's file: ${problems}`;
}

const tokenizerSchema = z.union([tokenizers.schema, tokenizerFileSchema], { error: ({ input }) => explain(input) });

/** Settings of the encoder `tokens`. */
export const tokensSettingsSchema = z.strictObject({
  /** A kind of tokenizer to train, or a tokenizer as plain data; chosen by the kind of column where it is left out. */
  tokenizer: tokenizerSchema.optional(),
  /** Most tokens of an input, special ones among them. */
  maximumLength: z.int().positive().default(512),
  /** What becomes of a text with more tokens: cut off at the end, the longer one of a pair first, or refused. */
  overlong: z.enum(["truncate", "refuse"]).default("truncate"),
  /** Lengths that batches may have, ascending; chosen from the data where they are left out. */
  lengths: z.array(z.int().positive()).min(1).max(16).refine(ascending, "are not ascending").optional(),
  /** Whether the tokenizer's special tokens are put around a text. */
  addSpecial: z.boolean().default(true),
  /** Places in front of a text that hold nothing of it: room for the vectors of prompt tuning. */
  front: z.int().nonnegative().optional(),
  /** Where this stands in a text (joined by the step `pack`), the end token is put in its place and parts two documents. */
  separator: z.string().min(1).optional(),
  /** Whether two columns are told apart by `segments`; otherwise several are read as one text, a line break between them. */
  pair: z.boolean().default(false),
  /** Features of whole words that every token carries. */
  features: wordFeaturesSchema.optional(),
  /** Rows of the table that the features share; follows from the training texts. */
  featureRows: z.int().positive().optional(),
  /** Characters of the training texts that a tokenizer and features are learned from; texts are drawn where there are more. */
  trainingCharacters: z.int().positive().default(50_000_000),
});

/** Settings of the encoder `tokens`. */
export type TokensSettings = z.output<typeof tokensSettingsSchema>;

/** The encoder `tokens` with its settings, as other encoders name the tokens that they build on. */
export const tokensSpecSchema = tokensSettingsSchema.safeExtend({ name: z.literal("tokens") });

/** A tokenizer as plain data; undefined where there is none, or one that is still to be trained. */
export const tokenizerOf = ({ tokenizer }: Pick<TokensSettings, "tokenizer">): TokenizerFile | undefined =>
  tokenizer !== undefined && "tokenizer" in tokenizer ? tokenizer : undefined;

/** @throws VesaliusError `bad-configuration` where there is no tokenizer yet */
export function requireTokenizer(settings: Pick<TokensSettings, "tokenizer">): TokenizerFile {
  const file = tokenizerOf(settings);
  if (file !== undefined) return file;
  throw new VesaliusError("bad-configuration", "the tokenizer of the tokens is not trained yet", {
    fix: "fit the encoder on the training split first (prepare), or give a tokenizer's file",
  });
}
