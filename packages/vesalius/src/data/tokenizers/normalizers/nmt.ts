import { z } from "zod";
import { type AlignedText, rewrite } from "../aligned-text.ts";
import { component } from "../component.ts";

const INVISIBLE = /[\p{Cc}\u1680\u200B-\u200F\u2028\u2029\u2581\uFEFF\uFFFD]/gu;
/** Control characters that SentencePiece's table lets through. */
const kept = (code: number): boolean => code === 0 || (code >= 0x80 && code < 0xa0 && code !== 0x8f && code !== 0x9f);

/** The part of SentencePiece's `nmt_nfkc` that is not NFKC: control characters away, invisible ones to spaces. */
export const nmt = component({
  type: "Nmt",
  settings: z.object({}),
  create: () => (source: AlignedText) =>
    rewrite(source, INVISIBLE, (char) => {
      if (kept(char.charCodeAt(0))) return char;
      return /[\t\n\f\r]|\P{Cc}/u.test(char) ? " " : "";
    }),
});
