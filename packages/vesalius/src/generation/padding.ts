import { VesaliusError } from "../common/errors.ts";

/**
 * Prompts from a padded batch, as tokenizers of other libraries give it: the tokens whose mask is 1, wherever the
 * padding stands.
 *
 * @param tokens `[batch][length]`
 * @param mask 1 for tokens, 0 for padding, `[batch][length]`
 * @throws VesaliusError `shape-mismatch` where a row of tokens and its mask differ in length
 */
export function withoutPadding(
  tokens: readonly (readonly number[])[],
  mask: readonly (readonly number[])[],
): number[][] {
  return tokens.map((row, i) => {
    const kept = mask[i];
    if (kept?.length !== row.length)
      throw new VesaliusError("shape-mismatch", `${row.length} tokens with a mask of ${kept?.length ?? 0}`, {
        where: `row ${i}`,
        fix: "give a mask of the same shape as the tokens",
      });
    return row.filter((_, position) => kept[position] !== 0);
  });
}
