import { z } from "zod";
import { type AlignedText, AlignedBuilder, sameLength } from "../aligned-text.ts";
import { BYTE_CHARACTERS, utf8 } from "../bytes.ts";
import { component } from "../component.ts";
import { prependTo } from "../normalizers/edit.ts";
import type { PreTokenizer } from "./pre-tokenizer.ts";
import { splitAligned } from "./split.ts";

/** How GPT-2 parts text: contractions, words, numbers and signs, each with the space before it. */
const GPT2 =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;
const PRINTABLE = /^[\x21-\x7E]*$/;
const SPACED = /^[\x20-\x7E]*$/;
const SPACE = BYTE_CHARACTERS[0x20]!;

/** A text as one printable character for each byte of its UTF-8; the characters of one character stand for all of it. */
export function byteCharacters(piece: AlignedText): AlignedText {
  if (PRINTABLE.test(piece.text)) return piece;
  if (SPACED.test(piece.text)) return sameLength(piece, piece.text.replaceAll(" ", SPACE));
  const builder = new AlignedBuilder(piece);
  let at = 0;
  for (const character of piece.text) {
    const end = at + character.length;
    builder.replace(at, end, Array.from(utf8(character), (byte) => BYTE_CHARACTERS[byte]!).join(""));
    at = end;
  }
  return builder.result();
}

/** Words as bytes: openai/gpt-2 `src/encoder.py`. */
export const byteLevel = component({
  type: "ByteLevel",
  settings: z.object({
    add_prefix_space: z.boolean().default(true),
    /** Means something in the post-processor of the same name. */
    trim_offsets: z.boolean().default(true),
    use_regex: z.boolean().default(true),
  }),
  create:
    ({ add_prefix_space, use_regex }): PreTokenizer =>
    (pieces) =>
      pieces.flatMap((piece) => {
        const text = add_prefix_space && !piece.text.startsWith(" ") ? prependTo(piece, " ") : piece;
        return (use_regex ? splitAligned(text, GPT2, "Removed", true) : [text]).map(byteCharacters);
      }),
});
