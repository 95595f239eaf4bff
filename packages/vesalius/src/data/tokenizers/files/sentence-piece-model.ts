import { BinaryReader } from "@bufbuild/protobuf/wire";
import { VesaliusError } from "../../../common/errors.ts";
import type { SentencePiece } from "../kinds/sentence-piece.ts";
import { MAXIMUM_VOCABULARY } from "../vocabulary.ts";

/** What a model file of SentencePiece holds. */
export interface SentencePieceModel {
  readonly algorithm: "unigram" | "bpe";
  readonly pieces: readonly SentencePiece[];
  /** Table of characters in base64; empty where text stays as it is. */
  readonly characterMap: string;
  readonly prefixSpace: boolean;
  readonly removeExtraSpaces: boolean;
}

const TYPES: readonly (SentencePiece["type"] | undefined)[] = [
  undefined,
  "normal",
  "unknown",
  "control",
  "userDefined",
  "unused",
  "byte",
];
const ALGORITHMS: readonly (SentencePieceModel["algorithm"] | undefined)[] = [undefined, "unigram", "bpe"];

/** Calls back for each field of a message; what the callback does not read is skipped. */
function forEachField(reader: BinaryReader, end: number, read: (field: number) => boolean): void {
  while (reader.pos < end) {
    const [field, wireType] = reader.tag();
    if (!read(field)) reader.skip(wireType, field);
  }
}

/** Message fields of the file that is being read: google/sentencepiece `src/sentencepiece_model.proto`. */
function readModel(bytes: Uint8Array): SentencePieceModel {
  const reader = new BinaryReader(bytes);
  const pieces: SentencePiece[] = [];
  let [algorithm, suffixed] = [1, false];
  let [characterMap, prefixSpace, removeExtraSpaces] = ["", true, true];
  const message = (read: (field: number) => boolean): true => {
    const length = reader.uint32();
    forEachField(reader, reader.pos + length, read);
    return true;
  };
  const readPiece = (): true => {
    let [piece, score, type] = ["", 0, 1];
    message((field) => {
      if (field === 1) piece = reader.string();
      else if (field === 2) score = reader.float();
      else if (field === 3) type = reader.int32();
      else return false;
      return true;
    });
    const known = TYPES[type];
    if (known === undefined || known === "unused" || pieces.length >= MAXIMUM_VOCABULARY)
      throw new VesaliusError("bad-file", `piece ${pieces.length} is of a type that is not implemented (${type})`);
    pieces.push({ piece, score, type: known });
    return true;
  };
  const readTrainer = (field: number): boolean => {
    if (field === 3) algorithm = reader.int32();
    else if (field === 24) suffixed = reader.bool();
    else return false;
    return true;
  };
  const readNormalizer = (field: number): boolean => {
    if (field === 2) characterMap = base64(reader.bytes());
    else if (field === 3) prefixSpace = reader.bool();
    else if (field === 4) removeExtraSpaces = reader.bool();
    else return false;
    return true;
  };
  forEachField(reader, bytes.length, (field) => {
    if (field === 1) return readPiece();
    if (field === 2) return message(readTrainer);
    if (field === 3) return message(readNormalizer);
    return false;
  });
  const known = ALGORITHMS[algorithm];
  if (known === undefined || suffixed)
    throw new VesaliusError("bad-file", suffixed ? "spaces end pieces" : "the model is of words or characters", {
      fix: "Unigram and BPE with spaces at the beginning of pieces are implemented",
    });
  return { algorithm: known, pieces, characterMap, prefixSpace, removeExtraSpaces };
}

function base64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/**
 * Reads a model file of SentencePiece.
 *
 * @throws VesaliusError `bad-file` for a file that is cut short or no such model, and for what is not implemented
 */
export function readSentencePieceModel(bytes: Uint8Array, where = "spiece.model"): SentencePieceModel {
  try {
    const model = readModel(bytes);
    if (model.pieces.length === 0) throw new VesaliusError("bad-file", "the file has no piece");
    return model;
  } catch (cause) {
    const what = cause instanceof VesaliusError ? cause.what : "the file is no SentencePiece model, or cut short";
    throw new VesaliusError("bad-file", what, { where, cause });
  }
}
