/**
 * How BLEU splits texts.
 * - `13a`: punctuation set apart, as mteval-v13a does; the usual one.
 * - `zh`: Chinese characters and signs one by one, all else as `13a`.
 * - `character`: character by character.
 * - `none`: at white space, for texts that are already split.
 */
export type BleuTokenization = "13a" | "zh" | "character" | "none";

const split = (text: string): string[] => text.split(/\s+/u).filter((token) => token !== "");

/** The part that is the same for all languages, from NIST's mteval-v13a. */
function setPunctuationApart(text: string): string[] {
  return split(
    text
      .replaceAll(/([{-~[-` -&(-+:-@/])/g, " $1 ")
      .replaceAll(/([^0-9])([.,])/g, "$1 $2 ")
      .replaceAll(/([.,])([^0-9])/g, " $1 $2")
      .replaceAll(/([0-9])(-)/g, "$1 $2 "),
  );
}

function mteval(text: string): string[] {
  const plain = text.replaceAll("<skipped>", "").replaceAll("-\n", "").replaceAll("\n", " ");
  const decoded = plain
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">");
  return setPunctuationApart(` ${decoded} `);
}

/** The ranges of sacrebleu, which take in general punctuation and mathematical signs (U+2001 to U+2A6D) too. */
const chinese =
  /[\u2001-\u2a6d\u2e80-\u2eff\u2f00-\u2fdf\u2ff0-\u303f\u3100-\u312f\u31a0-\u31bf\u31c0-\u31ef\u3200-\u4db5\u4e00-\u9fbb\uf900-\ufa2d\ufa30-\ufa6a\ufa70-\ufad9\ufe10-\ufe1f\ufe30-\ufe4f\uff00-\uffef]/gu;

/** Splits a text as sacrebleu's tokenizer of the same name does. */
export function bleuTokens(text: string, tokenization: BleuTokenization): string[] {
  const trimmed = text.trimEnd();
  if (tokenization === "13a") return mteval(trimmed);
  if (tokenization === "zh") return setPunctuationApart(trimmed.trim().replaceAll(chinese, " $& "));
  return tokenization === "character" ? split(Array.from(trimmed).join(" ")) : split(trimmed);
}
