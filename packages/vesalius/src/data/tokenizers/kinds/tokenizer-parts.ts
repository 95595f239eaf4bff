import type { z } from "zod";
import { validate } from "../../../common/check.ts";
import { VesaliusError } from "../../../common/errors.ts";
import type { ComponentJson } from "../component.ts";
import type { SpecialRole } from "../tokenizer.ts";
import type { AddedToken, SpecialNames, TokenizerFile } from "../tokenizer-file.ts";

/** Special tokens of BERT, in the order in which new vocabularies begin with them. */
export const BERT_SPECIAL: Readonly<Record<SpecialRole, string>> = {
  padding: "[PAD]",
  unknown: "[UNK]",
  start: "[CLS]",
  end: "[SEP]",
  mask: "[MASK]",
};

/**
 * The special tokens as `tokenizer.json` lists them.
 *
 * @throws VesaliusError `bad-file` for one that the vocabulary does not have.
 */
export function addedTokens(special: SpecialNames, tokens: readonly string[]): AddedToken[] {
  const ids = new Map(tokens.map((token, id) => [token, id]));
  return [...new Set(Object.values(special))].map((content) => {
    const id = ids.get(content!);
    if (id === undefined)
      throw new VesaliusError("bad-file", `the vocabulary does not have the special token ${content}`, {
        fix: "name the special tokens that it has",
      });
    return {
      id,
      content: content!,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    };
  });
}

/** Checks settings that a program gives, and fills in defaults. */
export const given = <Schema extends z.ZodType>(schema: Schema, settings: unknown): z.output<Schema> =>
  validate(schema, settings, { code: "bad-argument", what: "settings of a tokenizer" });

/** The parts of `tokenizer.json` that differ between kinds. */
export interface TokenizerParts {
  readonly tokens: readonly string[];
  readonly special: SpecialNames;
  readonly model: ComponentJson;
  readonly normalizer?: ComponentJson | null;
  readonly preTokenizer?: ComponentJson | null;
  readonly decoder?: ComponentJson | null;
  /** Default: the start token, the text, the end token; for a pair the second text and the end token again. */
  readonly postProcessor?: ComponentJson | null;
}

/** A tokenizer's plain data of the parts that differ between kinds. */
export function tokenizerFile(parts: TokenizerParts): TokenizerFile {
  const { special, tokens } = parts;
  return {
    tokenizer: {
      version: "1.0",
      truncation: null,
      padding: null,
      added_tokens: addedTokens(special, tokens).toSorted((a, b) => a.id - b.id),
      normalizer: parts.normalizer ?? null,
      pre_tokenizer: parts.preTokenizer ?? null,
      post_processor: parts.postProcessor === undefined ? startAndEnd(special, tokens) : parts.postProcessor,
      decoder: parts.decoder ?? null,
      model: parts.model,
    },
    special,
  };
}

/** The template that puts the start token before a text and the end token after each. */
function startAndEnd({ start, end }: SpecialNames, tokens: readonly string[]): ComponentJson | null {
  if (start === undefined && end === undefined) return null;
  const token = (name: string | undefined, type: number) =>
    name === undefined ? [] : [{ SpecialToken: { id: name, type_id: type } }];
  const text = (id: "A" | "B", type: number) => [{ Sequence: { id, type_id: type } }];
  const single = [...token(start, 0), ...text("A", 0), ...token(end, 0)];
  const named = [start, end].filter((name) => name !== undefined);
  return {
    type: "TemplateProcessing",
    single,
    pair: [...single, ...text("B", 1), ...token(end, 1)],
    special_tokens: Object.fromEntries(
      named.map((name) => [name, { id: name, ids: [tokens.indexOf(name)], tokens: [name] }]),
    ),
  };
}
