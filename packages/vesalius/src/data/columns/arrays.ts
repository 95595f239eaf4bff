/** What columns made of typed arrays share: taking rows of them, and putting them one after the other. */
import type { Column } from "../column.ts";
import {
  concatenate,
  gather,
  joinedLength,
  joinPresent,
  lengthsOf,
  offsetsOf,
  type StoredArray,
  takeLists,
  takePresent,
} from "./storage.ts";

type Arrays = Readonly<Record<string, StoredArray | undefined>>;
type Offsets = Int32Array | Float64Array;

const arraysOf = (column: Column): Arrays => column as unknown as Arrays;

/** Arrays of the same name of columns, one after the other; a name that a column lacks is left out. */
function joinedArrays(columns: readonly Column[], names: readonly string[]): Record<string, StoredArray> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const parts = columns.map((column) => arraysOf(column)[name]);
      const found = parts.filter((part) => part !== undefined);
      if (found.length < parts.length) return [];
      return [[name, concatenate(found[0]!.constructor as never, found)] as const];
    }),
  );
}

/** Names of the arrays of a column that have one value for each row. */
type ArrayNames<Stored> = readonly (keyof Stored & string)[];

/** Some rows of a column whose arrays have one value for each row. */
export const takeArrays = <Stored extends Column>(
  column: Stored,
  rows: ArrayLike<number>,
  names: ArrayNames<Stored>,
): Stored => ({
  ...column,
  length: rows.length,
  ...Object.fromEntries(names.map((name) => [name, gather(arraysOf(column)[name]!, rows)])),
  ...takePresent(column, rows),
});

/** Columns whose arrays have one value for each row, one after the other; all else is the first's. */
export const joinArrays = <Stored extends Column>(columns: readonly Stored[], names: ArrayNames<Stored>): Stored => ({
  ...columns[0]!,
  length: joinedLength(columns),
  ...joinedArrays(columns, names),
  ...joinPresent(columns),
});

/** Where the lists of a column are: the array of their ends, `[length + 1]`, and those with a value for each entry. */
export interface ListNames<Stored> {
  readonly offsets: keyof Stored & string;
  readonly entries: ArrayNames<Stored>;
}

/** Some rows of a column of lists. */
export function takeListRows<Stored extends Column>(
  column: Stored,
  rows: ArrayLike<number>,
  { offsets: name, entries }: ListNames<Stored>,
): Stored {
  const arrays = arraysOf(column);
  const offsets = arrays[name] as Offsets;
  const { lengths, positions } = takeLists(offsets, rows);
  return {
    ...column,
    length: rows.length,
    [name]: offsetsOf(offsets.constructor as never, lengths),
    ...Object.fromEntries(
      entries.flatMap((entry) => {
        const values = arrays[entry];
        return values === undefined ? [] : [[entry, gather(values, positions)] as const];
      }),
    ),
    ...takePresent(column, rows),
  };
}

/** Columns of lists, one after the other; all else is the first's. */
export function joinListRows<Stored extends Column>(
  columns: readonly Stored[],
  { offsets: name, entries }: ListNames<Stored>,
): Stored {
  const offsets = columns.map((column) => arraysOf(column)[name] as Offsets);
  return {
    ...columns[0]!,
    length: joinedLength(columns),
    [name]: offsetsOf(offsets[0]!.constructor as never, offsets.flatMap(lengthsOf)),
    ...joinedArrays(columns, entries),
    ...joinPresent(columns),
  };
}
