import { z } from "zod";
import { type AlignedText, rewrite } from "../aligned-text.ts";
import { component } from "../component.ts";

const SPACES = /[\t\n\f\r\u1680\u200B-\u200F\u2028\u2029\u2581\uFEFF\uFFFD]/u;
const AFFECTED = /[\x01-\x08\v\x0E-\x1F\x7F\u008F\u009F]|[\t\n\f\r\u1680\u200B-\u200F\u2028\u2029\u2581\uFEFF\uFFFD]/gu;

/** The part of SentencePiece's `nmt_nfkc` that is not NFKC: control characters away, invisible ones to spaces. */
export const nmt = component({
  type: "Nmt",
  settings: z.object({}),
  create: () => (source: AlignedText) => rewrite(source, AFFECTED, (char) => (SPACES.test(char) ? " " : "")),
});
