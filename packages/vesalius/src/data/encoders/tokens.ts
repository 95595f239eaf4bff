import { VesaliusError } from "../../common/errors.ts";
import { createTokenizer } from "../tokenizers/create-tokenizer.ts";
import { tokenizerFiles } from "../tokenizers/files/tokenizer-config.ts";
import { encoderEntry, type Encoder } from "./encoder.ts";
import { fitTokens } from "./tokens/fit-tokens.ts";
import { type PreparedTokens, type TokenReader, tokenReader } from "./tokens/read-tokens.ts";
import { requireTokenizer, type TokensSettings, tokensSettingsSchema } from "./tokens/settings.ts";
import { type ShownTokens, tokenInputs, writeTokens } from "./tokens/write-tokens.ts";

/** Kinds of column that are read as tokens. */
export const TEXT_KINDS = ["texts", "documents", "sequences", "molecules"] as const;

/** Several texts as one, a line break between two: title and body of a document. */
const joinedText = (texts: readonly string[]): string =>
  texts.length === 1 ? texts[0]! : texts.filter((text) => text !== "").join("\n");

/** An encoder of tokens that its own inputs are made of. */
export function tokenEncoder(
  settings: TokensSettings,
  own: (reader: TokenReader) => Pick<Encoder, "inputs" | "encode">,
): Encoder {
  const reader = tokenReader(settings);
  const { pair } = settings;
  const encoder: Encoder = {
    reads: pair ? [TEXT_KINDS, TEXT_KINDS] : [TEXT_KINDS],
    forColumns(columns) {
      if (!pair || columns.length === 2) return encoder;
      throw new VesaliusError("bad-configuration", `a pair of texts is read from 2 columns, not ${columns.length}`, {
        fix: "name two columns, or leave pair of the tokens out to read columns as one text",
      });
    },
    extent: ([prepared]) => (prepared as PreparedTokens).ids.length,
    largestExtent: reader.limit,
    ...(settings.lengths === undefined ? {} : { extents: settings.lengths }),
    prepare: (texts) => [reader.read(pair ? (texts as readonly string[]) : [joinedText(texts as readonly string[])])],
    counts([prepared]) {
      const { ids, cut, table } = prepared as PreparedTokens;
      return {
        tokens: ids.length,
        unknownTokens: ids.reduce((sum, id) => sum + (id === table.unknown ? 1 : 0), 0),
        truncatedTexts: cut > 0 ? 1 : 0,
        truncatedTokens: cut,
      };
    },
    ...own(reader),
  };
  return encoder;
}

/**
 * Texts, sequences or molecules as tokens; several columns are read as one text, a line break between them, or with `pair`
 * as two. Inputs are `tokens` int32 and `mask` float32 (1 for tokens, 0 for padding)
 * `[rows, length]`, with a pair of columns `segments` int32, with features of words `features` int32
 * `[rows, length, features]`, rows of one table of `featureRows`.
 */
export const tokens = encoderEntry({
  name: "tokens",
  summary: "Texts, sequences or molecules as tokens of a tokenizer that is trained or given.",
  settings: tokensSettingsSchema,
  create: (settings) =>
    tokenEncoder(settings, () => ({
      inputs: (rows, length) => tokenInputs(settings, rows, length),
      encode(examples, into, { extent }) {
        examples.forEach((values, row) => {
          if (values !== null) writeTokens(values[0] as ShownTokens, into, row, extent);
        });
      },
    })),
  fit: fitTokens,
  files: (settings) => tokenizerFiles(createTokenizer(requireTokenizer(settings))),
});
