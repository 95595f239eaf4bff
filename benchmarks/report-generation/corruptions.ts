const denial = /\b(?:denie[sd]|no|not|never|without)\b/i;

/** The sentence with its first number changed; undefined for one without a number in digits. */
export function withChangedNumber(sentence: string): string | undefined {
  const found = /\d+/.exec(sentence);
  if (found === null) return undefined;
  return `${sentence.slice(0, found.index)}${Number(found[0]) + 3}${sentence.slice(found.index + found[0].length)}`;
}

/** The sentence that says the contrary; undefined where no rule makes one. */
export function withFlippedNegation(sentence: string): string | undefined {
  if (denial.test(sentence))
    return sentence
      .replace(/\bdenie[sd]\b/i, "reports")
      .replace(/\b(does|did|do)\s+not\s+/i, "$1 ")
      .replace(/\bwithout\b/i, "with")
      .replace(/\b(?:no|not|never)\s+/i, "");
  if (/\b(?:has|had|have)\s+(?:a|an|any|some)\b/i.test(sentence))
    return sentence.replace(/\b(has|had|have)\s+(?:a|an|any|some)\b/i, "$1 no");
  if (/\b(?:is|was|are|were|has|had|have|does|did)\b/i.test(sentence))
    return sentence.replace(/\b(is|was|are|were|has|had|have|does|did)\b/i, "$1 not");
  return undefined;
}
