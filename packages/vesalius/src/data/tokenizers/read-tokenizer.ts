import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { validate } from "../../common/check.ts";
import { createTokenizer } from "./create-tokenizer.ts";
import { wordPieceFile } from "./kinds/word-piece.ts";
import type { SpecialRole, Tokenizer } from "./tokenizer.ts";
import { type SpecialNames, tokenizerJsonSchema } from "./tokenizer-file.ts";

/** Longest file that is read, in UTF-16 units. */
const MAXIMUM_LENGTH = 1 << 28;

/** Texts of the files that a checkpoint's tokenizer lies in, by name. */
export type TokenizerTexts = Readonly<
  Partial<Record<"tokenizer.json" | "tokenizer_config.json" | "vocab.txt", string>>
>;

const tokenName = z.union([z.string(), z.looseObject({ content: z.string() }).transform(({ content }) => content)]);
const namedToken = tokenName.nullish().transform((name) => name ?? undefined);
const configSchema = z.looseObject({
  tokenizer_class: z.string().optional(),
  do_lower_case: z.boolean().optional(),
  strip_accents: z.boolean().nullish(),
  pad_token: namedToken,
  unk_token: namedToken,
  mask_token: namedToken,
  cls_token: namedToken,
  bos_token: namedToken,
  sep_token: namedToken,
  eos_token: namedToken,
});
type TokenizerConfig = z.output<typeof configSchema>;

function parse(text: string, name: string): unknown {
  if (text.length > MAXIMUM_LENGTH)
    throw new VesaliusError("bad-file", `the file has ${text.length} characters`, {
      where: name,
      fix: `at most ${MAXIMUM_LENGTH} are read`,
    });
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new VesaliusError("bad-file", "the file is no JSON", { where: name, cause });
  }
}

/** Roles that `tokenizer_config.json` states. */
function statedRoles(config: TokenizerConfig): SpecialNames {
  const roles: Record<SpecialRole, string | undefined> = {
    padding: config.pad_token,
    unknown: config.unk_token,
    mask: config.mask_token,
    start: config.cls_token ?? config.bos_token,
    end: config.sep_token ?? config.eos_token,
  };
  return Object.fromEntries(Object.entries(roles).filter(([, name]) => name !== undefined));
}

/** Lines of `vocab.txt`: a token a line, its number the id. */
export function readVocabularyLines(text: string, where = "vocab.txt"): string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  const seen = new Set<string>();
  for (const [at, line] of lines.entries()) {
    if (line === "" || seen.has(line))
      throw new VesaliusError("bad-file", line === "" ? "a line is empty" : "a token stands there twice", {
        where: `${where}, line ${at + 1}`,
        fix: "a vocabulary has a token a line, each once",
      });
    seen.add(line);
  }
  return lines;
}

/**
 * Makes a tokenizer of the files of a checkpoint: `tokenizer.json`, or `vocab.txt` of BERT; `tokenizer_config.json`, where
 * there is one, says what roles special tokens have, and whether `vocab.txt` is for lower case.
 *
 * @throws VesaliusError `bad-file` for files that cannot be read or use what is not implemented, `missing-file` where
 * neither is there.
 */
export function readTokenizer(files: TokenizerTexts): Tokenizer {
  const configText = files["tokenizer_config.json"];
  const config: TokenizerConfig =
    configText === undefined
      ? configSchema.parse({})
      : validate(configSchema, parse(configText, "tokenizer_config.json"), {
          code: "bad-file",
          what: "settings",
          where: "tokenizer_config.json",
        });
  const json = files["tokenizer.json"];
  if (json !== undefined) {
    const tokenizer = validate(tokenizerJsonSchema, parse(json, "tokenizer.json"), {
      code: "bad-file",
      what: "tokenizer",
      where: "tokenizer.json",
    });
    return createTokenizer({ tokenizer, special: statedRoles(config) });
  }
  const vocabulary = files["vocab.txt"];
  if (vocabulary !== undefined) {
    const file = wordPieceFile(readVocabularyLines(vocabulary), {
      lowercase: config.do_lower_case ?? true,
      ...(typeof config.strip_accents === "boolean" ? { stripAccents: config.strip_accents } : {}),
    });
    return createTokenizer(file, "vocab.txt");
  }
  throw new VesaliusError("missing-file", "no file of a tokenizer", { fix: "give tokenizer.json or vocab.txt" });
}
