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

const WORD = "[\\p{L}\\p{M}\\p{N}\\p{Pc}]";

/**
 * Finds added tokens in texts: the longest where several begin. A token with `single_word` counts only between characters
 * that are not part of words; `lstrip` and `rstrip` take the white space beside the token with it.
 */
export function addedTokenFinder(
  tokens: readonly AddedToken[],
  contentOf: (token: AddedToken) => string = ({ content }) => content,
): (text: AlignedText) => readonly Stretch[] {
  const byContent = new Map<string, AddedToken>();
  for (const token of tokens) if (contentOf(token) !== "") byContent.set(contentOf(token), token);
  if (byContent.size === 0) return (text) => [{ text }];
  const alternatives = [...byContent]
    .toSorted(([a], [b]) => b.length - a.length)
    .map(([content, token]) => {
      const exact = escapeRegExp(content);
      const word = token.single_word ? `(?<!${WORD})${exact}(?!${WORD})` : exact;
      return `${token.lstrip ? "\\p{White_Space}*" : ""}${word}${token.rstrip ? "\\p{White_Space}*" : ""}`;
    });
  const pattern = new RegExp(alternatives.join("|"), "gu");
  const stripped = tokens.some(({ lstrip, rstrip }) => lstrip || rstrip);
  return (source) => {
    const stretches: Stretch[] = [];
    let kept = 0;
    for (const match of source.text.matchAll(pattern)) {
      const end = match.index + match[0].length;
      if (match.index > kept) stretches.push({ text: sliceAligned(source, kept, match.index) });
      const content = stripped && !byContent.has(match[0]) ? match[0].trim() : match[0];
      stretches.push({ text: sliceAligned(source, match.index, end), token: byContent.get(content)! });
      kept = end;
    }
    if (kept === 0) return [{ text: source }];
    if (kept < source.text.length) stretches.push({ text: sliceAligned(source, kept, source.text.length) });
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
