import { decodeHTML } from "entities/decode";
import { z } from "zod";
import { type AlignedText, rewrite } from "../aligned-text.ts";
import { component } from "../component.ts";

/** What Python's `html.unescape` takes for a character reference; the last semicolon may be missing. */
const REFERENCE = /&(?:#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[^\t\n\f <&#;]{1,32};?)/gu;

/**
 * Character references of HTML (`&amp;`, `&#38;`) as the characters, as captions from the web need it. Vesalius's own, for
 * OpenAI's CLIP; Hugging Face's files of it leave this out.
 */
export const htmlUnescape = component({
  type: "HtmlUnescape",
  settings: z.object({}),
  create: () => (source: AlignedText) =>
    source.text.includes("&") ? rewrite(source, REFERENCE, (reference) => decodeHTML(reference)) : source,
});
