import { VesaliusError } from "../../common/errors.ts";

/** Most tokens that a vocabulary from a file may have. */
export const MAXIMUM_VOCABULARY = 4_000_000;

/** Tokens and their ids. */
export interface Vocabulary {
  /** By id; an id without a token is an empty string. */
  readonly tokens: readonly string[];
  readonly ids: ReadonlyMap<string, number>;
}

/**
 * Checks a vocabulary from outside: `{ token: id }`.
 *
 * @throws VesaliusError `bad-file` for ids that are no integers from 0, that two tokens share, or that leave more gaps than
 * there are tokens.
 */
export function vocabularyOf(json: unknown, where: string): Vocabulary {
  if (typeof json !== "object" || json === null || Array.isArray(json))
    throw new VesaliusError("bad-file", "the vocabulary is no object from tokens to ids", { where });
  const entries = Object.entries(json);
  if (entries.length > MAXIMUM_VOCABULARY)
    throw new VesaliusError("bad-file", `the vocabulary has ${entries.length} tokens`, {
      where,
      fix: `at most ${MAXIMUM_VOCABULARY} are read`,
    });
  const limit = 2 * entries.length + 1000;
  const tokens: (string | undefined)[] = [];
  for (const [token, id] of entries) {
    if (!Number.isInteger(id) || id < 0 || id >= limit)
      throw new VesaliusError("bad-file", `token ${JSON.stringify(token)} has the id ${JSON.stringify(id)}`, {
        where,
        fix: `ids are integers from 0, without large gaps`,
      });
    if (tokens[id] !== undefined) throw new VesaliusError("bad-file", `two tokens have the id ${id}`, { where });
    tokens[id] = token;
  }
  return { tokens: Array.from(tokens, (token) => token ?? ""), ids: new Map(entries) };
}

/** A vocabulary as `tokenizer.json` writes it, of tokens in the order of their ids. */
export const vocabularyJson = (tokens: readonly string[]): Record<string, number> =>
  Object.fromEntries(tokens.map((token, id) => [token, id]));
