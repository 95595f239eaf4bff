/** Scripts that are told apart; others count as one. */
const SCRIPTS = [
  "Common",
  "Inherited",
  "Latin",
  "Greek",
  "Cyrillic",
  "Han",
  "Hangul",
  "Arabic",
  "Hebrew",
  "Devanagari",
  "Bengali",
  "Tamil",
  "Telugu",
  "Thai",
  "Armenian",
  "Georgian",
  "Ethiopic",
  "Khmer",
  "Myanmar",
].map((name) => ({ name, pattern: new RegExp(`\\p{Script=${name}}`, "u") }));
const JAPANESE = /[\p{Script=Hiragana}\p{Script=Katakana}\u30FC]/u;
const known = new Map<string, string>();

/** Script of a character; kana counts as Han, as Japanese words mix them. */
function scriptOf(character: string): string {
  let script = known.get(character);
  if (script === undefined) {
    script = JAPANESE.test(character)
      ? "Han"
      : (SCRIPTS.find(({ pattern }) => pattern.test(character))?.name ?? "other");
    known.set(character, script);
  }
  return script;
}

/**
 * Whether a text can be a piece: no space but at its beginning, and all of one script, so that letters do not join with
 * digits or punctuation. google/sentencepiece `src/trainer_interface.cc` (IsValidSentencePiece).
 *
 * @param characters at most `longest`, where it is given
 */
export function isValidPiece(characters: readonly string[], space: string, longest = Infinity): boolean {
  if (characters.length > longest) return false;
  let script: string | undefined;
  for (const [at, character] of characters.entries()) {
    if (character === space) {
      if (at > 0) return false;
      continue;
    }
    const here = scriptOf(character);
    if (here === "Inherited" && script !== undefined) continue;
    if (script !== undefined && here !== script) return false;
    script = here;
  }
  return true;
}
