import { z } from "zod";
import { type AlignedText, rewrite } from "../aligned-text.ts";
import { component } from "../component.ts";
import { lowercaseLetters, removeNonspacingMarks } from "./letters.ts";
import { normalizeUnicode } from "./unicode.ts";

const PLAIN = /^[\x20-\x7E]*$/;
const UNCLEAN = /[\t\n\r]|[\p{Cc}\p{Cf}\uFFFD]|\p{White_Space}/gu;
const KEPT_CONTROLS = "\t\n\r";
/** CJK ideographs; Japanese kana and Hangul are written in words and are not among them. */
const IDEOGRAPHS =
  /[\u4E00-\u9FFF\u3400-\u4DBF\u{20000}-\u{2A6DF}\u{2A700}-\u{2B73F}\u{2B740}-\u{2B81F}\u{2B820}-\u{2CEAF}\uF900-\uFAFF\u{2F800}-\u{2FA1F}]/gu;

/** Control and format characters away, all white space to spaces. */
const clean = (text: AlignedText): AlignedText =>
  rewrite(text, UNCLEAN, (char) => (KEPT_CONTROLS.includes(char) || !/[\p{Cc}\p{Cf}\uFFFD]/u.test(char) ? " " : ""));

/**
 * Text as BERT cleans it: google-research/bert `tokenization.py` (BasicTokenizer). Private and unassigned characters stay,
 * as there, and become unknown tokens rather than vanish.
 */
export const bertNormalizer = component({
  type: "BertNormalizer",
  settings: z.object({
    clean_text: z.boolean().default(true),
    handle_chinese_chars: z.boolean().default(true),
    strip_accents: z.boolean().nullable().default(null),
    lowercase: z.boolean().default(true),
  }),
  create: (settings) => {
    const strip = settings.strip_accents ?? settings.lowercase;
    return (source: AlignedText): AlignedText => {
      let text = source;
      if (!PLAIN.test(text.text)) {
        if (settings.clean_text) text = clean(text);
        if (settings.handle_chinese_chars) text = rewrite(text, IDEOGRAPHS, (char) => ` ${char} `);
        if (strip) text = removeNonspacingMarks(normalizeUnicode(text, "NFD"));
      }
      return settings.lowercase ? lowercaseLetters(text) : text;
    };
  },
});
