import { z } from "zod";
import { component } from "../component.ts";
import { vocabularyOf } from "../vocabulary.ts";
import { type Reserved, type TokenizerModel, wholePiece } from "./model.ts";

/** A token for each piece: words, characters, k-mers, residues, atoms. */
export const wordLevel = component({
  type: "WordLevel",
  settings: z.object({ vocab: z.unknown(), unk_token: z.string().default("<unk>") }),
  create: ({ vocab, unk_token }, where, reserved: Reserved): TokenizerModel => {
    const vocabulary = vocabularyOf(vocab, where);
    const unknown = vocabulary.ids.get(unk_token);
    return {
      kind: "wordLevel",
      vocabulary,
      unknown: unk_token,
      tokenize: (piece) => {
        const id = reserved.has(piece) ? undefined : vocabulary.ids.get(piece);
        if (id !== undefined) return wholePiece(piece, id, piece);
        return unknown === undefined ? undefined : wholePiece(piece, unknown, unk_token);
      },
    };
  },
});
