import { VesaliusError } from "../../common/errors.ts";
import { type AlignedText, sliceAligned } from "./aligned-text.ts";
import { escapeRegExp } from "./regular-expression.ts";
import type { AddedToken } from "./tokenizer-file.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** A stretch of a text: an added token, or text between. */
export interface Stretch {
  readonly text: AlignedText;
  readonly token?: AddedToken;
}

const WORD = /[\p{L}\p{M}\p{N}\p{Pc}]/u;

/** Whether a match lies between characters that are not part of words. */
const isWord = (text: string, start: number, end: number): boolean =>
  !WORD.test(text.charAt(start - 1)) && !WORD.test(text.charAt(end));

/**
 * Finds added tokens in texts: the first, and of several that begin there the longest. A token with `single_word` counts
 * only between characters that are not part of words; `lstrip` and `rstrip` take the white space beside the token with it.
 */
export function addedTokenFinder(
  tokens: readonly AddedToken[],
  contentOf: (token: AddedToken) => string = ({ content }) => content,
): (text: AlignedText) => readonly Stretch[] {
  const byContent = new Map<string, AddedToken>();
  for (const token of tokens) if (contentOf(token) !== "") byContent.set(contentOf(token), token);
  if (byContent.size === 0) return (text) => [{ text }];
  const longestFirst = [...byContent.keys()].toSorted((a, b) => b.length - a.length);
  const pattern = new RegExp(longestFirst.map(escapeRegExp).join("|"), "gu");
  return (source) => {
    const { text } = source;
    const stretches: Stretch[] = [];
    let kept = 0;
    for (const match of text.matchAll(pattern)) {
      const token = byContent.get(match[0])!;
      let [start, end] = [match.index, match.index + match[0].length];
      if (token.single_word && !isWord(text, start, end)) continue;
      if (token.lstrip) start = Math.max(kept, text.slice(0, start).trimEnd().length);
      if (token.rstrip) end += text.length - end - text.slice(end).trimStart().length;
      if (start > kept) stretches.push({ text: sliceAligned(source, kept, start) });
      stretches.push({ text: sliceAligned(source, start, end), token });
      kept = end;
    }
    if (kept === 0) return [{ text: source }];
    if (kept < text.length) stretches.push({ text: sliceAligned(source, kept, text.length) });
    return stretches;
  };
}

/**
 * The vocabulary of the model with the added tokens.
 *
 * @throws VesaliusError `bad-file` where an added token has another id than in the vocabulary, or the id of another token.
 */
export function withAddedTokens(vocabulary: Vocabulary, added: readonly AddedToken[], where: string): Vocabulary {
  const tokens = [...vocabulary.tokens];
  const ids = new Map(vocabulary.ids);
  for (const { id, content } of added) {
    const known = ids.get(content);
    if (known === id) continue;
    if (known !== undefined || (tokens[id] ?? "") !== "" || id > tokens.length + added.length)
      throw new VesaliusError("bad-file", `the added token ${JSON.stringify(content)} has the id ${id}`, {
        where,
        fix:
          known === undefined
            ? "another token has this id, or it lies far behind the vocabulary"
            : `the vocabulary gives it ${known}`,
      });
    while (tokens.length <= id) tokens.push("");
    tokens[id] = content;
    ids.set(content, id);
  }
  return { tokens, ids };
}
