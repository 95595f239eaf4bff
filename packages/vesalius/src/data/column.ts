/**
 * Values of one name for every example, as plain data: everything in a column survives a structured clone, so that it
 * can be handed to another thread (typed arrays over SharedArrayBuffer are shared, not copied).
 */
export interface Column {
  /** Which {@link ColumnKind} knows how to handle it. */
  readonly kind: string;
  readonly length: number;
  /** 1 where the example has a value, 0 where it is missing, `[length]`; every example has one where this is left out. */
  readonly present?: Uint8Array;
}

/** Columns by name. */
export type Columns = Readonly<Record<string, Column>>;

/** What one kind of column can do. Everything that handles data in general is a loop over kinds. */
export interface ColumnKind<Stored extends Column = Column, Read = unknown> {
  readonly kind: Stored["kind"];
  /** What such a column holds, in one sentence. */
  readonly summary: string;
  /** The values of rows; null where one is missing. Encoded files are decoded here. */
  read(column: Stored, rows: ArrayLike<number>): Promise<readonly (Read | null)[]>;
  /** The column of some rows, in that order. */
  take(column: Stored, rows: ArrayLike<number>): Stored;
  /**
   * One column after the other.
   *
   * @throws VesaliusError `bad-data` where they do not fit together (other classes, other genes, other sizes)
   */
  join(columns: readonly Stored[]): Stored;
  /**
   * Content hash of each value as stored, for leakage; undefined where a value is missing or its content is not known.
   * Kinds whose equality means nothing (classes, numbers) have none.
   */
  fingerprints?(column: Stored): readonly (string | undefined)[];
  /**
   * Whether one equal value makes two examples the same (an image, a volume, a cell), or only equal values of all such
   * columns together, as with two texts or the two proteins of a pair. Together unless stated.
   */
  readonly identifies?: "alone" | "together";
  /** Whether a value is long enough that an equal one is no chance; every value is where this is left out. */
  telling?(column: Stored, row: number): boolean;
  /**
   * What an example has in common with others when examples are divided or drawn in proportion, `[length]`: whole numbers
   * from 0, -1 where it is missing. For kinds that have such (classes, whether an event was observed).
   */
  strata?(column: Stored): Int32Array;
  /** Names that no example has: classes, labels. */
  unused?(column: Stored): readonly string[];
  /** Everything that decides what the column says, for the key under which a computation is found again. */
  content(column: Stored): Iterable<string | Uint8Array>;
  /** What is worth saying of the column to a reader: counts, sizes, ranges. Never single values of patients. */
  describe(column: Stored): Readonly<Record<string, string | number | readonly string[]>>;
}
