import { z } from "zod";
import { entry } from "../../../common/catalogue.ts";
import { VesaliusError } from "../../../common/errors.ts";
import { BYTE_CHARACTERS } from "../bytes.ts";
import type { ComponentJson } from "../component.ts";
import type { SpecialRole } from "../tokenizer.ts";
import { type SpecialNames, type TokenizerFile, specialNamesSchema } from "../tokenizer-file.ts";
import { countPieces, Pace } from "../training/count-pieces.ts";
import { learnMerges } from "../training/learn-merges.ts";
import { vocabularyJson } from "../vocabulary.ts";
import { tokenizerFile, given } from "./tokenizer-parts.ts";
import { countSettings, type TokenizerTrainer } from "./trainer.ts";

/** Special tokens of RoBERTa, in the order in which new vocabularies begin with them. */
export const ROBERTA_SPECIAL: Readonly<Record<SpecialRole, string>> = {
  start: "<s>",
  padding: "<pad>",
  end: "</s>",
  unknown: "<unk>",
  mask: "<mask>",
};

/** Special tokens of GPT-2, whose one stands between texts and is put around none. */
export const GPT2_SPECIAL: SpecialNames = { end: "<|endoftext|>" };

const textSettings = {
  /** Whether a text that does not begin with a space gets one, so that a word has the same tokens everywhere. */
  prefixSpace: z.boolean().default(false),
  lowercase: z.boolean().default(false),
};
const byteLevelTextSchema = z.strictObject({
  ...textSettings,
  /** Special tokens by role; those of RoBERTa by default. */
  special: specialNamesSchema.default(ROBERTA_SPECIAL),
  /** Whether start and end token are put around a text. */
  wrapped: z.boolean().default(true),
});
export type ByteLevelText = z.input<typeof byteLevelTextSchema>;

const bytesOf = (prefixSpace: boolean): ComponentJson => ({
  type: "ByteLevel",
  add_prefix_space: prefixSpace,
  trim_offsets: true,
  use_regex: true,
});

/**
 * Byte pair encoding over bytes, as GPT-2 and RoBERTa: any text has tokens, and decoding gives it back exactly.
 *
 * @param tokens in the order of ids
 * @param merges pairs in the order in which they were learned, halves parted by a space
 */
export function byteLevelBpeFile(
  tokens: readonly string[],
  merges: readonly string[],
  text: ByteLevelText = {},
): TokenizerFile {
  const { prefixSpace, lowercase, special, wrapped } = given(byteLevelTextSchema, text);
  const bytes = bytesOf(prefixSpace);
  return tokenizerFile({
    tokens,
    special,
    normalizer: lowercase ? { type: "Lowercase" } : null,
    preTokenizer: bytes,
    decoder: bytes,
    postProcessor: wrapped ? robertaProcessing(special, tokens, prefixSpace) : bytes,
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: vocabularyJson(tokens),
      merges,
    },
  });
}

/** RoBERTa's `<s> a </s>` and `<s> a </s></s> b </s>`. */
function robertaProcessing(
  { start, end }: SpecialNames,
  tokens: readonly string[],
  prefixSpace: boolean,
): ComponentJson {
  if (start === undefined || end === undefined)
    throw new VesaliusError("bad-argument", "a text cannot be wrapped without a start and an end token", {
      fix: "name both, or set wrapped to false",
    });
  return {
    type: "RobertaProcessing",
    sep: [end, tokens.indexOf(end)],
    cls: [start, tokens.indexOf(start)],
    trim_offsets: true,
    add_prefix_space: prefixSpace,
  };
}

/** Byte pair encoding over the bytes of a corpus. */
export const byteLevelBpe = entry({
  name: "byteLevelBpe",
  summary: "joined bytes, as GPT-2 and RoBERTa read text; nothing is unknown",
  paper: "GPT-2, Radford et al. 2019",
  settings: z.strictObject({
    ...countSettings,
    vocabularySize: countSettings.vocabularySize.min(256 + 5).default(30_000),
    minimumFrequency: countSettings.minimumFrequency.default(2),
    ...textSettings,
  }),
  create: ({ vocabularySize, minimumFrequency, ...text }): TokenizerTrainer => ({
    train: async (texts, options = {}) => {
      const pace = new Pace(options);
      const parts = {
        normalizer: text.lowercase ? { type: "Lowercase" } : null,
        preTokenizer: bytesOf(text.prefixSpace),
      };
      const words = await countPieces(texts, parts, pace);
      const special = Object.values(ROBERTA_SPECIAL);
      const merging = { special, vocabularySize, minimumFrequency, initial: BYTE_CHARACTERS };
      const { tokens, merges } = await learnMerges(words, merging, pace);
      return byteLevelBpeFile(
        tokens,
        merges.map(([left, right]) => `${left} ${right}`),
        text,
      );
    },
  }),
});
