import { z } from "zod";
import { component } from "../component.ts";
import type { Decoder } from "./decoder.ts";

/** Joins tokens without anything between. */
export const fuse = component({
  type: "Fuse",
  settings: z.object({}),
  create: (): Decoder => (tokens) => [tokens.join("")],
});

/**
 * Joins overlapping k-mers: of one that continues the last, its last character; others stand apart by a space. Vesalius's
 * own, as the pre-tokenizer of the same name.
 */
export const kmersDecoder = component({
  type: "Kmers",
  settings: z.object({}),
  create: (): Decoder => (tokens) => [
    tokens.reduce((text, token, at) => {
      if (at === 0) return token;
      const [before, here] = [Array.from(tokens[at - 1]!), Array.from(token)];
      const continues = before.length === here.length && before.slice(1).join("") === here.slice(0, -1).join("");
      return text + (continues ? here.at(-1)! : ` ${token}`);
    }, ""),
  ],
});
