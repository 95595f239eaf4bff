import { componentFamily } from "../component.ts";
import { bpe } from "./bpe.ts";
import type { Reserved, TokenizerModel } from "./model.ts";
import { unigram } from "./unigram.ts";
import { wordLevel } from "./word-level.ts";
import { wordPiece } from "./word-piece.ts";

/** Makes a model from its JSON. */
export const createModel: (json: unknown, where: string, reserved: Reserved) => TokenizerModel = componentFamily<
  TokenizerModel,
  Reserved
>("model", [wordPiece, bpe, unigram, wordLevel]);
