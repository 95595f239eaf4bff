import { z } from "zod";
import { type AlignedText, rewrite, sameLength } from "../aligned-text.ts";
import { component } from "../component.ts";

/**
 * Lower case, character by character as the field's tokenizers do it, so that a capital sigma at the end of a word becomes
 * σ and not ς.
 */
export function lowercaseLetters(source: AlignedText): AlignedText {
  if (source.text.includes("Σ"))
    return rewrite(source, /[^\0-\x7F]|[A-Z]/gu, (letter) => (letter === "Σ" ? "σ" : letter.toLowerCase()));
  const lower = source.text.toLowerCase();
  if (lower.length === source.text.length) return sameLength(source, lower);
  return rewrite(source, /[^\0-\x7F]|[A-Z]/gu, (letter) => letter.toLowerCase());
}

export const lowercase = component({ type: "Lowercase", settings: z.object({}), create: () => lowercaseLetters });

/** Removes nonspacing marks; what is left of a character that lost one still stands for all of it. */
export const removeNonspacingMarks = (source: AlignedText): AlignedText =>
  rewrite(source, /(?:\P{M})?\p{M}+/gu, (cluster) => cluster.replace(/\p{Mn}/gu, ""));

export const stripAccents = component({
  type: "StripAccents",
  settings: z.object({}),
  create: () => removeNonspacingMarks,
});
