import { z } from "zod";
import { component } from "../component.ts";
import { metaspaceSettings, prependScheme } from "../pre-tokenizers/metaspace.ts";
import { patternSchema, regularExpression } from "../regular-expression.ts";
import type { Decoder } from "./decoder.ts";

/** Puts `content` for every match of a pattern. */
export const replaceDecoder = component({
  type: "Replace",
  settings: z.object({ pattern: patternSchema, content: z.string().max(10_000) }),
  create: ({ pattern, content }, where): Decoder => {
    const expression = regularExpression(pattern, where);
    return (tokens) => tokens.map((token) => token.replace(expression, () => content));
  },
});

/** Takes a number of a character off the ends of each text. */
export const stripDecoder = component({
  type: "Strip",
  settings: z.object({ content: z.string().min(1).max(2), start: z.int().min(0), stop: z.int().min(0) }),
  create:
    ({ content, start, stop }): Decoder =>
    (tokens) =>
      tokens.map((token) => {
        let [from, to] = [0, token.length];
        for (let count = 0; count < start && token.startsWith(content, from); count++) from += content.length;
        for (let count = 0; count < stop && to > from && token.endsWith(content, to); count++) to -= content.length;
        return token.slice(from, to);
      }),
});

/** The end of a word as a space, but not behind the last. */
export const bpeDecoder = component({
  type: "BPEDecoder",
  settings: z.object({ suffix: z.string().default("</w>") }),
  create:
    ({ suffix }): Decoder =>
    (tokens) =>
      tokens.map((token, at) => token.replaceAll(suffix, at === tokens.length - 1 ? "" : " ")),
});

/** The visible sign of SentencePiece back to spaces, but for the one in front. */
export const metaspaceDecoder = component({
  type: "Metaspace",
  settings: metaspaceSettings,
  create: (settings): Decoder => {
    const { replacement } = settings;
    const prepended = prependScheme(settings) !== "never";
    return (tokens) =>
      tokens.map((token, at) => {
        const text = at === 0 && prepended && token.startsWith(replacement) ? token.slice(1) : token;
        return text.replaceAll(replacement, " ");
      });
  },
});
