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

/** Typical sizes, lengths and counts of the values of a column, by name. */
export type ColumnFacts = Readonly<Record<string, string | number | readonly number[]>>;

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
  /** Whether a value is so large that reading it takes as long as computing with it. */
  readonly large?: boolean;
  /** The words of a value that is there, for kinds whose values can be nearly the same. */
  wording?(column: Stored, row: number): string;
  /**
   * Whether values lie in files that are larger than memory, so that nothing looks at all of them before training: encoders of
   * such columns have one declared extent.
   */
  readonly streamed?: boolean;
  /** Whether a value is long enough that an equal one is no chance; every value is where this is left out. */
  telling?(column: Stored, row: number): boolean;
  /**
   * What an example has in common with others when examples are divided or drawn in proportion, `[length]`: whole numbers
   * from 0, -1 where it is missing. For kinds that have such (classes, whether an event was observed).
   */
  strata?(column: Stored): Int32Array;
  /** Names that no example has: classes, labels. */
  unused?(column: Stored): readonly string[];
  /**
   * What of it the examples leave undefined for an evaluation, for the reader: "all of one class", "no event was observed".
   * For kinds that hold what can be predicted.
   *
   * @param rare names that are counted and not repeated
   */
  lacking?(column: Stored, rare?: ReadonlySet<string>): string | undefined;
  /** Everything that decides what the column says, for the key under which a computation is found again. */
  content(column: Stored): Iterable<string | Uint8Array>;
  /**
   * What is worth saying of the column to a reader: counts, sizes, ranges. Never single values of patients.
   *
   * @param rare names of classes that are counted and not repeated
   */
  describe(column: Stored, rare?: ReadonlySet<string>): Readonly<Record<string, string | number | readonly string[]>>;
  /** A column in which every value is missing, for kinds that need nothing else for one. */
  empty?(length: number): Stored;
  /** What a plan needs to know: typical sizes, lengths and counts, each under a name of its own. */
  facts?(column: Stored): ColumnFacts;
  /** Names of the classes that its values are of, by class index; for kinds that have such. */
  classNames?(column: Stored): readonly string[];
  /** Number of examples of each of them, where they are counted. */
  classExamples?(column: Stored): readonly number[];
  /**
   * The column with other classes.
   *
   * @param names the classes that it is to have
   * @param to position among `names` of each class that it has; -1 leaves the class out
   * @param where for errors
   * @throws VesaliusError `bad-data` where classes of the kind cannot be left out or merged
   */
  withClasses?(column: Stored, names: readonly string[], to: readonly number[], where: string): Stored;
}
