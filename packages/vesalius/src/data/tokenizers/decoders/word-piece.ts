import { z } from "zod";
import { component } from "../component.ts";
import type { Decoder } from "./decoder.ts";

/** Closes the space before punctuation and in English contractions, as transformers does after decoding. */
export const cleanUp = (text: string): string =>
  text
    .replaceAll(" .", ".")
    .replaceAll(" ?", "?")
    .replaceAll(" !", "!")
    .replaceAll(" ,", ",")
    .replaceAll(" ' ", "'")
    .replaceAll(" n't", "n't")
    .replaceAll(" 'm", "'m")
    .replaceAll(" do not", " don't")
    .replaceAll(" 's", "'s")
    .replaceAll(" 've", "'ve")
    .replaceAll(" 're", "'re");

/** Joins WordPiece tokens into words with spaces between. */
export const wordPieceDecoder = component({
  type: "WordPiece",
  settings: z.object({ prefix: z.string().default("##"), cleanup: z.boolean().default(true) }),
  create:
    ({ prefix, cleanup }): Decoder =>
    (tokens) => {
      const text = tokens
        .map((token, at) => (at === 0 ? token : token.startsWith(prefix) ? token.slice(prefix.length) : ` ${token}`))
        .join("");
      return [cleanup ? cleanUp(text) : text];
    },
});
