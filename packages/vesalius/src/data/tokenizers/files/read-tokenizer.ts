import { validate } from "../../../common/check.ts";
import { VesaliusError } from "../../../common/errors.ts";
import { createTokenizer } from "../create-tokenizer.ts";
import type { Tokenizer } from "../tokenizer.ts";
import { tokenizerJsonSchema } from "../tokenizer-file.ts";
import { parseJson } from "./limits.ts";
import { mergesTextFile } from "./merges-text.ts";
import { readTokenizerConfig, statedRoles } from "./tokenizer-config.ts";
import { type VocabularyKind, vocabularyTextFile } from "./vocabulary-text.ts";

/** Names of the files that a tokenizer is read from. */
export const TOKENIZER_FILES = [
  "tokenizer.json",
  "tokenizer_config.json",
  "chat_template.jinja",
  "vocab.txt",
  "vocab.json",
  "merges.txt",
] as const;

/** Texts of the files that a checkpoint's tokenizer lies in, by name. */
export type TokenizerTexts = Readonly<Partial<Record<(typeof TOKENIZER_FILES)[number], string>>>;

/**
 * Makes a tokenizer of the files of a checkpoint: `tokenizer.json`; or `vocab.txt`; or `vocab.json` and `merges.txt`.
 * `tokenizer_config.json`, where there is one, says what roles special tokens have, what class a vocabulary is for and how
 * conversations are written, unless `chat_template.jinja` does.
 *
 * @param options.kind what a `vocab.txt` holds, where the settings do not say it; WordPiece of BERT by default
 * @throws VesaliusError `bad-file` for files that cannot be read or use what is not implemented, by its name;
 * `missing-file` where none is there
 */
export function readTokenizer(files: TokenizerTexts, options: { readonly kind?: VocabularyKind } = {}): Tokenizer {
  const config = readTokenizerConfig(files["tokenizer_config.json"]);
  const json = files["tokenizer.json"];
  if (json !== undefined) {
    const where = "tokenizer.json";
    const parsed = parseJson(json, where);
    const tokenizer = validate(tokenizerJsonSchema, parsed, { code: "bad-file", what: "tokenizer", where });
    const chat = files["chat_template.jinja"] ?? config.chat_template;
    const file = { tokenizer, special: statedRoles(config), ...(chat === undefined ? {} : { chatTemplate: chat }) };
    return createTokenizer(file, where);
  }
  const lines = files["vocab.txt"];
  if (lines !== undefined) return createTokenizer(vocabularyTextFile(lines, config, options.kind), "vocab.txt");
  const [vocabulary, merges] = [files["vocab.json"], files["merges.txt"]];
  if (vocabulary !== undefined && merges !== undefined)
    return createTokenizer(mergesTextFile(vocabulary, merges, config), "vocab.json and merges.txt");
  throw new VesaliusError("missing-file", "no file of a tokenizer", {
    fix: "give tokenizer.json, or vocab.txt, or vocab.json with merges.txt",
  });
}
