import type { ComponentJson } from "../component.ts";

/** What stands for GPT-4's way to split a text, with digits in groups of up to three, or one by one. */
const splitWords = (digits: string): string =>
  String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|${digits}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;

/** How a text becomes words, whose bytes are joined. */
interface Splitting {
  /** Undefined where bytes are split as GPT-2 does. */
  readonly pattern?: string;
  readonly normalizer?: ComponentJson;
  /** Whether a word that is a token is taken whole, whatever was merged. */
  readonly wholeWords?: boolean;
}

/** How texts are split before bytes are joined, by `tokenizer.ggml.pre`. */
export const splittings: Readonly<Record<string, Splitting>> = {
  "gpt-2": {},
  "llama-bpe": { pattern: splitWords(String.raw`\p{N}{1,3}`), wholeWords: true },
  qwen2: { pattern: splitWords(String.raw`\p{N}`), normalizer: { type: "NFC" } },
};
