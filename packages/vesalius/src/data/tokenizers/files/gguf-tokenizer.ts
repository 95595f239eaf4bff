import { z } from "zod";
import { validate } from "../../../common/check.ts";
import { VesaliusError } from "../../../common/errors.ts";
import type { ComponentJson } from "../component.ts";
import { byteLevelBpeFile } from "../kinds/byte-level-bpe.ts";
import { type SentencePiece, sentencePieceFile } from "../kinds/sentence-piece.ts";
import type { AddedToken, SpecialNames, TokenizerFile } from "../tokenizer-file.ts";
import { splittings } from "./gguf-splittings.ts";
import { mergeLines } from "./merges-text.ts";

const id = z.int().nonnegative().optional();
const keysSchema = z.object({
  "tokenizer.ggml.model": z.string(),
  "tokenizer.ggml.pre": z.string().default("default"),
  "tokenizer.ggml.tokens": z.array(z.string()).min(1),
  "tokenizer.ggml.token_type": z.array(z.int()).optional(),
  "tokenizer.ggml.scores": z.array(z.number()).optional(),
  "tokenizer.ggml.merges": z.array(z.string()).optional(),
  "tokenizer.ggml.bos_token_id": id,
  "tokenizer.ggml.eos_token_id": id,
  "tokenizer.ggml.unknown_token_id": id,
  "tokenizer.ggml.padding_token_id": id,
  "tokenizer.ggml.mask_token_id": id,
  "tokenizer.ggml.add_bos_token": z.boolean().optional(),
  "tokenizer.ggml.add_eos_token": z.boolean().optional(),
  "tokenizer.ggml.add_space_prefix": z.boolean().optional(),
  "tokenizer.ggml.remove_extra_whitespaces": z.boolean().optional(),
  "tokenizer.ggml.precompiled_charsmap": z.array(z.int()).optional(),
  "tokenizer.chat_template": z.string().optional(),
});

/** `llama_token_type` of llama.cpp. */
const pieceTypes: readonly (SentencePiece["type"] | undefined)[] = [
  undefined,
  "normal",
  "unknown",
  "control",
  "userDefined",
  "unused",
  "byte",
];

type Keys = z.output<typeof keysSchema>;

/** Special tokens by role, as the file names them by number. */
function rolesOf(keys: Keys, where: string): SpecialNames {
  const tokens = keys["tokenizer.ggml.tokens"];
  const name = (key: "bos" | "eos" | "unknown" | "padding" | "mask"): string | undefined => {
    const number = keys[`tokenizer.ggml.${key}_token_id`];
    if (number === undefined) return undefined;
    const token = tokens[number];
    if (token !== undefined) return token;
    throw new VesaliusError(
      "bad-file",
      `tokenizer.ggml.${key}_token_id is ${number}, there are ${tokens.length} tokens`,
      {
        where,
      },
    );
  };
  const roles: SpecialNames = {
    start: name("bos"),
    end: name("eos"),
    unknown: name("unknown"),
    padding: name("padding"),
    mask: name("mask"),
  };
  return Object.fromEntries(Object.entries(roles).filter(([, token]) => token !== undefined));
}

const added = (content: string, at: number, special: boolean): AddedToken => ({
  id: at,
  content,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special,
});

/** Tokens that are found in a text before it is split. */
const addedOf = (tokens: readonly string[], types: readonly number[] | undefined): AddedToken[] =>
  tokens.flatMap((token, at) => {
    const type = pieceTypes[types?.[at] ?? 1];
    return type === "control" || type === "userDefined" ? [added(token, at, type === "control")] : [];
  });

/** The template that puts start and end token around a text, those of them that are put there. */
function wrapping(
  tokens: readonly string[],
  start: string | undefined,
  end: string | undefined,
): ComponentJson | undefined {
  if (start === undefined && end === undefined) return undefined;
  const special = (name: string | undefined, type: number) =>
    name === undefined ? [] : [{ SpecialToken: { id: name, type_id: type } }];
  const text = (name: "A" | "B", type: number) => [
    ...special(start, type),
    { Sequence: { id: name, type_id: type } },
    ...special(end, type),
  ];
  const named = [start, end].filter((name) => name !== undefined);
  return {
    type: "TemplateProcessing",
    single: text("A", 0),
    pair: [...text("A", 0), ...text("B", 1)],
    special_tokens: Object.fromEntries(
      [...new Set(named)].map((name) => [name, { id: name, ids: [tokens.indexOf(name)], tokens: [name] }]),
    ),
  };
}

function bytePairs(keys: Keys, roles: SpecialNames, where: string): TokenizerFile {
  const pre = keys["tokenizer.ggml.pre"];
  const splitting = Object.hasOwn(splittings, pre) ? splittings[pre] : undefined;
  if (splitting === undefined)
    throw new VesaliusError(
      "bad-file",
      `tokenizer.ggml.pre: texts split as ${JSON.stringify(pre)} are not implemented`,
      {
        where,
        fix: `${Object.keys(splittings).join(", ")} are; give the encoder the tokenizer.json of the model instead`,
      },
    );
  const merges = mergeLines((keys["tokenizer.ggml.merges"] ?? []).join("\n"), where);
  const file = byteLevelBpeFile(keys["tokenizer.ggml.tokens"], merges, { special: roles, wrapped: false });
  if (splitting.pattern === undefined) return file;
  const bytes = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: false };
  const split = { type: "Split", pattern: { Regex: splitting.pattern }, behavior: "Isolated", invert: false };
  return {
    ...file,
    tokenizer: {
      ...file.tokenizer,
      normalizer: splitting.normalizer ?? null,
      pre_tokenizer: { type: "Sequence", pretokenizers: [split, bytes] },
      model: { ...file.tokenizer.model, ignore_merges: splitting.wholeWords ?? false },
    },
  };
}

function sentencePieces(keys: Keys, algorithm: "bpe" | "unigram", roles: SpecialNames, where: string): TokenizerFile {
  const { "tokenizer.ggml.scores": scores, "tokenizer.ggml.token_type": types } = keys;
  const tokens = keys["tokenizer.ggml.tokens"];
  if (scores?.length !== tokens.length || types?.length !== tokens.length)
    throw new VesaliusError("bad-file", "tokenizer.ggml.scores and token_type do not fit the tokens", { where });
  const pieces = tokens.map((piece, at): SentencePiece => {
    const type = pieceTypes[types[at]!];
    if (type === undefined)
      throw new VesaliusError("bad-file", `token ${at} is of the unknown type ${types[at]}`, { where });
    // What a user defined is found before the text is split.
    return { piece, score: scores[at]!, type: algorithm === "bpe" && type === "userDefined" ? "control" : type };
  });
  const map = keys["tokenizer.ggml.precompiled_charsmap"] ?? [];
  return sentencePieceFile(algorithm, pieces, {
    characterMap: btoa(map.map((byte) => String.fromCharCode(byte & 255)).join("")),
    prefixSpace: keys["tokenizer.ggml.add_space_prefix"] ?? true,
    removeExtraSpaces: keys["tokenizer.ggml.remove_extra_whitespaces"] ?? algorithm === "unigram",
    special: roles,
  });
}

/**
 * The tokenizer that a GGUF file's metadata hold: SentencePiece's pieces (`llama`, `t5`), or bytes that are joined (`gpt2`).
 *
 * @param metadata by key
 * @returns undefined where there is none
 * @throws VesaliusError `bad-file` for keys that do not fit each other, and for what is not implemented, by its name
 */
export function ggufTokenizer(metadata: ReadonlyMap<string, unknown>, where: string): TokenizerFile | undefined {
  if (!metadata.has("tokenizer.ggml.model") || metadata.get("tokenizer.ggml.model") === "none") return undefined;
  const keys = validate(keysSchema, Object.fromEntries(metadata), { code: "bad-file", what: "tokenizer", where });
  const model = keys["tokenizer.ggml.model"];
  const [tokens, roles] = [keys["tokenizer.ggml.tokens"], rolesOf(keys, where)];
  const make: Readonly<Record<string, () => TokenizerFile>> = {
    llama: () => sentencePieces(keys, "bpe", roles, where),
    t5: () => sentencePieces(keys, "unigram", roles, where),
    gpt2: () => bytePairs(keys, roles, where),
  };
  if (!Object.hasOwn(make, model))
    throw new VesaliusError("bad-file", `tokenizer.ggml.model: ${JSON.stringify(model)} is not implemented`, {
      where,
      fix: `${Object.keys(make).join(", ")} are; give the encoder the tokenizer.json of the model instead`,
    });
  const file = make[model]!();
  // What llama.cpp assumes where the file does not say it.
  const isLlama = model === "llama" || keys["tokenizer.ggml.pre"] === "llama-bpe";
  const start = (keys["tokenizer.ggml.add_bos_token"] ?? isLlama) ? roles.start : undefined;
  const end = (keys["tokenizer.ggml.add_eos_token"] ?? model === "t5") ? roles.end : undefined;
  const template = keys["tokenizer.chat_template"];
  return {
    special: roles,
    ...(template === undefined ? {} : { chatTemplate: template }),
    tokenizer: {
      ...file.tokenizer,
      added_tokens: addedOf(tokens, keys["tokenizer.ggml.token_type"]),
      post_processor: wrapping(tokens, start, end) ?? (model === "gpt2" ? file.tokenizer.post_processor : null),
    },
  };
}
