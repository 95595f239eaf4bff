/** Pieces of texts in files: where they are, so that they can be read when they are needed. */
export interface PieceStorage {
  /** Paths. */
  readonly files: readonly string[];
  /** Hash of the content of each file when its texts were found. */
  readonly digests: readonly string[];
  /** How a text is found in a file: bytes that are its own, a line of JSON, or a row of a Parquet file. */
  readonly format: "plain" | "jsonLines" | "parquet";
  /** Field of the text, where records have several. */
  readonly field: string;
  /** `[pieces]` positions in `files`. */
  readonly fileOf: Int32Array;
  /** `[pieces]` first byte of the text or its record; the row where rows are counted. */
  readonly starts: Float64Array;
  /** `[pieces]` bytes of the text or its record. */
  readonly sizes: Int32Array;
  /** `[pieces]` the piece of the text, in UTF-16 units. */
  readonly from: Int32Array;
  readonly to: Int32Array;
}
