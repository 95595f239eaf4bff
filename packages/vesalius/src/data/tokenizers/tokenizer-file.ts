import { z } from "zod";
import type { ComponentJson } from "./component.ts";
import type { SpecialRole } from "./tokenizer.ts";

/** A token beside the vocabulary of the model, found in a text before it is split. */
export const addedTokenSchema = z.strictObject({
  id: z.int().min(0),
  content: z.string().min(1).max(1000),
  single_word: z.boolean().default(false),
  lstrip: z.boolean().default(false),
  rstrip: z.boolean().default(false),
  normalized: z.boolean().default(false),
  special: z.boolean().default(false),
});
export type AddedToken = z.output<typeof addedTokenSchema>;

const componentSchema = z.custom<ComponentJson>(
  (value) => typeof value === "object" && value !== null && "type" in value && typeof value.type === "string",
  "is no object with a type",
);
const optional = componentSchema.nullable().default(null);

/**
 * `tokenizer.json` as Hugging Face's tokenizers write it. `truncation` and `padding` are how a program last called the
 * tokenizer; here lengths are the caller's, so that of the two only the name of the padding token is read.
 */
export const tokenizerJsonSchema = z.strictObject({
  version: z.string().default("1.0"),
  truncation: z.looseObject({}).nullable().default(null),
  padding: z.looseObject({ pad_token: z.string().optional() }).nullable().default(null),
  added_tokens: z.array(addedTokenSchema).max(100_000).default([]),
  normalizer: optional,
  pre_tokenizer: optional,
  post_processor: optional,
  decoder: optional,
  model: componentSchema,
});

/** The content of `tokenizer.json`. */
export type TokenizerJson = z.output<typeof tokenizerJsonSchema>;

/** Special tokens by their role. */
export type SpecialNames = { readonly [Role in SpecialRole]?: string | undefined };

/** Schema of `SpecialNames`. */
export const specialNamesSchema: z.ZodType<SpecialNames> = z.strictObject({
  padding: z.string().optional(),
  unknown: z.string().optional(),
  mask: z.string().optional(),
  start: z.string().optional(),
  end: z.string().optional(),
});

/**
 * A tokenizer as plain data: `tokenizer.json`, and what that file does not hold: the roles of special tokens, and how
 * conversations are written.
 */
export interface TokenizerFile {
  readonly tokenizer: TokenizerJson;
  readonly special: SpecialNames;
  /** Jinja template of conversations, as `tokenizer_config.json` carries it. */
  readonly chatTemplate?: string | undefined;
}

/** Schema of `TokenizerFile`. */
export const tokenizerFileSchema = z.strictObject({
  tokenizer: tokenizerJsonSchema,
  special: specialNamesSchema,
  chatTemplate: z.string().min(1).max(200_000).optional(),
});
