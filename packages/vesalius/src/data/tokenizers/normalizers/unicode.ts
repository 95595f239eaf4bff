import { z } from "zod";
import { type AlignedText, rewrite } from "../aligned-text.ts";
import { component } from "../component.ts";

type Form = "NFC" | "NFD" | "NFKC" | "NFKD";

const ASCII = /^[\0-\x7F]*$/;
/**
 * Stretches that are normalized by themselves: a character with its marks (half-width voicing marks among them), and
 * Hangul letters, which join into syllables.
 */
const CLUSTER =
  /[\u1100-\u11FF\uA960-\uA97F\uD7B0-\uD7FF\uAC00-\uD7A3]+|[^\p{M}\uFF9E\uFF9F]?[\p{M}\uFF9E\uFF9F]+|[^\0-\x7F]/gu;

/**
 * Brings a text into a Unicode normalization form. A character and its combining marks are one place: each unit of their
 * normalized form stands for all of them, where it differs.
 */
export function normalizeUnicode(source: AlignedText, form: Form): AlignedText {
  if (ASCII.test(source.text)) return source;
  const whole = source.text.normalize(form);
  if (whole === source.text) return source;
  const found = rewrite(source, CLUSTER, (cluster) => cluster.normalize(form));
  // Characters that join across clusters are rare (scripts with letters that compose); their whole run is one place.
  return found.text === whole ? found : rewrite(source, /\S+/gu, (run) => run.normalize(form));
}

const unicodeForm = (form: Form) =>
  component({ type: form, settings: z.object({}), create: () => (text: AlignedText) => normalizeUnicode(text, form) });

/** Unicode normalization forms. */
export const nfc = unicodeForm("NFC");
export const nfd = unicodeForm("NFD");
export const nfkc = unicodeForm("NFKC");
export const nfkd = unicodeForm("NFKD");
