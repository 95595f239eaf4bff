import { VesaliusError } from "../../common/errors.ts";
import type { PieceStorage } from "./pieces.ts";

/** A browser has no files to read pieces of. */
export const readPieces = ({ files }: PieceStorage, _places: readonly number[]): Promise<string[]> =>
  Promise.reject(
    new VesaliusError("bad-argument", "a browser cannot read texts that stay in files", {
      where: files[0] ?? "documents",
      fix: "open the texts as a whole",
    }),
  );
