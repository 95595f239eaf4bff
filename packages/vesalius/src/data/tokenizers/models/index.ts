import { componentFamily } from "../component.ts";
import type { TokenizerModel } from "./model.ts";
import { wordLevel } from "./word-level.ts";
import { wordPiece } from "./word-piece.ts";

/** Makes a model from its JSON. */
export const createModel: (json: unknown, where: string) => TokenizerModel = componentFamily<TokenizerModel>("model", [
  wordPiece,
  wordLevel,
]);
