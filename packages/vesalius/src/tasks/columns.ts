import { VesaliusError } from "../common/errors.ts";
import { fewOf } from "../data/columns/few-of.ts";
import type { ColumnKindName, Split, StoredColumnOf } from "../data/index.ts";

/**
 * The column of a split that a task needs.
 *
 * @throws VesaliusError `bad-data` where it is absent or of another kind, with the columns that there are
 */
export function requireColumn<Kind extends ColumnKindName>(
  split: Split,
  name: string,
  kind: Kind,
): StoredColumnOf<Kind> {
  const column = split.columns[name];
  if (column?.kind === kind) return column as StoredColumnOf<Kind>;
  const fitting = Object.keys(split.columns).filter((other) => split.columns[other]!.kind === kind);
  throw new VesaliusError(
    "bad-data",
    column === undefined
      ? `there is no column ${name} of ${kind}`
      : `the column ${name} holds ${column.kind}, not ${kind}`,
    {
      where: `split ${split.name}`,
      fix:
        fitting.length > 0
          ? `name another column (${fitting.join(", ")})`
          : `add ${kind} to the data, or say which fields they are with the reader's options`,
    },
  );
}

/**
 * Refuses data that name what is predicted otherwise than a model does: its outputs stand for names by their position.
 *
 * @param kind of what is named, in the plural: `classes`
 * @param rare found names that one example has, which are not repeated
 * @param of what the found names are of: `the data`, `the masks`
 * @throws VesaliusError `bad-data` where the names or their order differ
 */
export function requireSameNames(
  found: readonly string[],
  expected: readonly string[],
  {
    kind,
    of = "the data",
    rare,
    where,
  }: {
    readonly kind: string;
    readonly of?: string;
    readonly rare?: ReadonlySet<string>;
    readonly where: string;
  },
): void {
  if (found.join("\n") === expected.join("\n")) return;
  throw new VesaliusError(
    "bad-data",
    `the ${kind} of ${of} (${fewOf(found, rare)}) are not those of the model (${expected.join(", ")}), in that order`,
    { where, fix: `give the data's ${kind} the model's names and order` },
  );
}

/** Rows whose value is there. */
export const presentRows = ({
  length,
  present,
}: {
  readonly length: number;
  readonly present?: Uint8Array;
}): number[] => Array.from({ length }, (_, row) => row).filter((row) => present?.[row] !== 0);
