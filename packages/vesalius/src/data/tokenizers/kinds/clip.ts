import { z } from "zod";
import type { SpecialNames, TokenizerFile } from "../tokenizer-file.ts";
import { vocabularyJson } from "../vocabulary.ts";
import { tokenizerFile, given } from "./tokenizer-parts.ts";

/** Special tokens of CLIP, which fills up with the end token. */
export const CLIP_SPECIAL: SpecialNames = {
  start: "<|startoftext|>",
  end: "<|endoftext|>",
  padding: "<|endoftext|>",
  unknown: "<|endoftext|>",
};

const PATTERN = "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+";

const clipTextSchema = z.strictObject({
  /**
   * Whether character references of HTML are read, twice, as OpenAI's code does for captions from the web. A file with
   * this step is read by Vesalius only; Hugging Face's files of CLIP are without it.
   */
  unescapeHtml: z.boolean().default(false),
});
export type ClipText = z.input<typeof clipTextSchema>;

/**
 * Byte pair encoding over bytes in lower case, with `</w>` at the end of words: openai/CLIP `clip/simple_tokenizer.py`.
 *
 * @param tokens in the order of ids
 * @param merges pairs in the order in which they were learned, halves parted by a space
 */
export function clipFile(tokens: readonly string[], merges: readonly string[], text: ClipText = {}): TokenizerFile {
  const { unescapeHtml } = given(clipTextSchema, text);
  const bytes = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: false };
  const unescape = unescapeHtml ? [{ type: "HtmlUnescape" }, { type: "HtmlUnescape" }] : [{ type: "NFC" }];
  return tokenizerFile({
    tokens,
    special: CLIP_SPECIAL,
    normalizer: {
      type: "Sequence",
      normalizers: [...unescape, { type: "Replace", pattern: { Regex: "\\s+" }, content: " " }, { type: "Lowercase" }],
    },
    preTokenizer: {
      type: "Sequence",
      pretokenizers: [{ type: "Split", pattern: { Regex: PATTERN }, behavior: "Removed", invert: true }, bytes],
    },
    decoder: {
      type: "Sequence",
      decoders: [bytes, { type: "Replace", pattern: { String: "</w>" }, content: " " }],
    },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: CLIP_SPECIAL.unknown,
      continuing_subword_prefix: "",
      end_of_word_suffix: "</w>",
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: vocabularyJson(tokens),
      merges,
    },
  });
}
