/** What turns what is said behind it into its contrary. */
const negations =
  /\b(?:no|not|none|never|neither|nor|without|den(?:y|ies|ied|ying)|negative\s+for|absence\s+of|free\s+of|cannot|lacks?|lacking|unable\s+to|rules?\s+out|ruled\s+out)\b|n['’]t\b|\bnon-?(?=[a-z])|(?:没有?|无|未|否认|不)(?!但|仅|错|过|同|停|断|止|时)/giu;
/** Said like a negation, and none. */
const noNegation =
  /\b(?:not\s+only|no\s+doubt|no\s+(?:significant\s+)?change|not\s+sure|no\s+problem|non-?contributory|no\s+wonder|not\s+just)\b|nonetheless|\bnone\s*theless/giu;
/** Where what is denied ends: a clause of its own, or what speaks for the contrary. */
const ends =
  /[.!?;。！？；\n]|\b(?:but|however|except|although|though|because|since|which|who|besides|only|apart\s+from|other\s+than|secondary\s+to|due\s+to|reports?|complains?|admits?)\b|(?:[,，]\s*(?:and\s+|so\s+)?|\b(?:and|so)\s+)\b(?:i|he|she|we|they|it|you|the\s+patient|this|that|there|my|his|her)\b(?=\s+[a-z'’]+)|(?:但|不过|有时|伴)/giu;

/** A piece of a text in which everything is denied, as UTF-16 offsets. */
export interface Denied {
  readonly start: number;
  readonly end: number;
}

/** Where each of some patterns matches. */
const placesOf = (pattern: RegExp, text: string): Denied[] =>
  Array.from(text.matchAll(pattern), ({ 0: found, index }) => ({ start: index, end: index + found.length }));

/**
 * Pieces of a text that are denied, in the manner of NegEx (Chapman et al. 2001): from behind a word of negation up to the
 * end of its clause, through lists ("no fever, chills, or cough"). The answer "No," denies nothing of what follows it.
 *
 * @example
 * deniedIn("She denies fever or cough, but has chills."); // one piece, "fever or cough, "
 */
export function deniedIn(text: string): Denied[] {
  const harmless = placesOf(noNegation, text);
  const clauses = placesOf(ends, text).map(({ start }) => start);
  return placesOf(negations, text)
    .filter(({ start }) => !harmless.some((one) => start >= one.start && start < one.end))
    .flatMap(({ end }) => {
      if (/^\s*[,.!?，。]/.test(text.slice(end))) return [];
      const stop = clauses.find((at) => at > end) ?? text.length;
      return [{ start: end, end: stop }];
    });
}

/**
 * What a short answer says to what was asked: yes, no, or neither of them.
 *
 * @example
 * answerOf("No, not that I know of."); // "denied"
 */
export function answerPolarity(answer: string): "affirmed" | "denied" | "open" {
  const words = answer
    .trim()
    .toLowerCase()
    .replace(/^(?:(?:um|uh|oh|well|hm+|ah|er|so)\b[\s,.]*)+/, "");
  if (
    /^(?:no|nope|nah|none|never|not|negative|nothing|neither|i\s+do(?:n['’]t|\s+not)|i\s+have(?:n['’]t|\s+not)|没有?|不|无)(?![a-z])/.test(
      words,
    )
  )
    return "denied";
  if (
    /^(?:yes|yeah|yep|yup|sure|correct|right|definitely|absolutely|exactly|uh\s?huh|mm\s?hm+|of\s+course|i\s+(?:do|have|am|did|was)\b|that['’]?s\s+(?:right|correct)|是|有|对|嗯)/.test(
      words,
    )
  )
    return "affirmed";
  return "open";
}
