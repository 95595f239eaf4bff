import { z } from "zod";
import type { Spec } from "../common/catalogue.ts";
import { VesaliusError } from "../common/errors.ts";
import type { Value } from "../graph/index.ts";
import type { InputValues, Preparation } from "./network.ts";

/**
 * An input of a network.
 *
 * @throws VesaliusError `bad-argument` naming the inputs that the role has
 */
export function inputOf(inputs: InputValues, role: string, name: string): Value {
  const found = inputs[role]?.[name];
  if (found !== undefined) return found;
  const names = Object.entries(inputs).flatMap(([other, values]) =>
    Object.keys(values).map((key) => `${other}.${key}`),
  );
  throw new VesaliusError(
    "bad-argument",
    `the network reads ${role}.${name}, and there is only ${names.join(", ") || "nothing"}`,
    {
      fix: `give the role ${role} an encoder that makes the input ${name}`,
    },
  );
}

const sizedVocabularySchema = z.union([
  z.record(z.string(), z.int().nonnegative()).transform((vocabulary) => {
    let size = 0;
    for (const id of Object.values(vocabulary)) size = Math.max(size, id + 1);
    return { size, idOf: (token: string) => vocabulary[token] };
  }),
  // Unigram models list pieces with their scores; the place in the list is the id.
  z.array(z.tuple([z.string(), z.number()]).or(z.string())).transform((pieces) => ({
    size: pieces.length,
    idOf(token: string) {
      const at = pieces.findIndex((piece) => (typeof piece === "string" ? piece : piece[0]) === token);
      return at < 0 ? undefined : at;
    },
  })),
]);

/** What a network has to know of a tokenizer as plain data (`tokenizer.json` and the roles of its special tokens). */
const tokenizerSchema = z.object({
  tokenizer: z.object({
    model: z.object({ vocab: sizedVocabularySchema }),
    added_tokens: z.array(z.object({ id: z.int().nonnegative(), content: z.string() })).default([]),
  }),
  special: z.record(z.string(), z.string().optional()).default({}),
});

/** What a tokenizer says of the table of tokens that it needs. */
export interface TokenizerFacts {
  /** One more than the largest token number. */
  readonly vocabularySize: number;
  /** Numbers of special tokens by role (`padding`, `mask`, `start`, `end`), of those that there are. */
  readonly special: Readonly<Record<string, number>>;
}

/**
 * What a fitted encoder `tokens` says of its tokenizer.
 *
 * @returns undefined where it has none yet
 * @throws VesaliusError `bad-configuration` where its tokenizer is no tokenizer
 */
export function tokenizerFacts(spec: Spec | undefined): TokenizerFacts | undefined {
  const tokenizer = spec?.["tokenizer"];
  if (typeof tokenizer !== "object" || tokenizer === null || !("tokenizer" in tokenizer)) return undefined;
  const parsed = tokenizerSchema.safeParse(tokenizer);
  if (!parsed.success)
    throw new VesaliusError("bad-configuration", `the tokenizer cannot be read: ${z.prettifyError(parsed.error)}`);
  const { model, added_tokens: added } = parsed.data.tokenizer;
  const idOf = (token: string): number | undefined =>
    added.find(({ content }) => content === token)?.id ?? model.vocab.idOf(token);
  const special: Record<string, number> = {};
  for (const [role, token] of Object.entries(parsed.data.special)) {
    const id = token === undefined ? undefined : idOf(token);
    if (id !== undefined) special[role] = id;
  }
  return { vocabularySize: added.reduce((most, { id }) => Math.max(most, id + 1), model.vocab.size), special };
}

/**
 * Rows that a table of tokens needs.
 *
 * @param given rows that the configuration asks for; at least as many as the tokenizer has tokens
 * @returns `given`, or as many as the tokenizer has; undefined where neither is known
 * @throws VesaliusError `bad-configuration` for a tokenizer with more tokens than the table has rows
 */
export function fittedVocabulary(
  preparation: Preparation,
  role: string,
  given: number | undefined,
): number | undefined {
  const facts = tokenizerFacts(preparation[role]);
  if (facts !== undefined && given !== undefined && facts.vocabularySize > given)
    throw new VesaliusError(
      "bad-configuration",
      `the tokenizer of ${role} has ${facts.vocabularySize} tokens, the network's table ${given} rows`,
      {
        fix: "take the tokenizer that came with the weights, or leave out vocabularySize for a network without weights",
      },
    );
  return given ?? facts?.vocabularySize;
}

/**
 * A part of a configuration that fitting decides.
 *
 * @throws VesaliusError `bad-configuration` where it is not known yet
 */
export function known<T>(value: T | undefined, key: string, network: string): T {
  if (value !== undefined) return value;
  throw new VesaliusError("bad-configuration", `${key} of ${network} is not known yet`, {
    fix: `fit the network's encoders on data first, or give ${key}`,
  });
}
