import { z } from "zod";
import { BYTE_TOKEN, CHARACTER_BYTES, fromUtf8, utf8 } from "../bytes.ts";
import { component } from "../component.ts";
import type { Decoder } from "./decoder.ts";

/** Characters of a byte-level vocabulary back to the text of their bytes. */
export const byteLevelDecoder = component({
  type: "ByteLevel",
  settings: z.object({
    add_prefix_space: z.boolean().default(true),
    trim_offsets: z.boolean().default(true),
    use_regex: z.boolean().default(true),
  }),
  create: (): Decoder => (tokens) => [
    fromUtf8(
      tokens.flatMap((token) => {
        const bytes = Array.from(token, (character) => CHARACTER_BYTES.get(character));
        // A token that was added to the vocabulary may be written as it is.
        return bytes.includes(undefined) ? [...utf8(token)] : (bytes as number[]);
      }),
    ),
  ],
});

/** Runs of tokens that are bytes to their text; of a run that is no UTF-8, a U+FFFD for each byte. */
export const byteFallback = component({
  type: "ByteFallback",
  settings: z.object({}),
  create: (): Decoder => (tokens) => {
    const texts: string[] = [];
    let bytes: number[] = [];
    const flush = (): void => {
      if (bytes.length === 0) return;
      const text = fromUtf8(bytes);
      if (text.includes("\uFFFD")) texts.push(...bytes.map(() => "\uFFFD"));
      else texts.push(text);
      bytes = [];
    };
    for (const token of tokens) {
      const byte = BYTE_TOKEN.exec(token)?.[1];
      if (byte !== undefined) bytes.push(Number.parseInt(byte, 16));
      else {
        flush();
        texts.push(token);
      }
    }
    flush();
    return texts;
  },
});
