import { VesaliusError } from "../../common/errors.ts";
import { kindOf } from "../columns/index.ts";
import { isPresent } from "../columns/storage.ts";
import type { Split } from "../split.ts";

/** Two examples in different splits that must not be: one group (patient) or the same content. */
export interface Leak {
  readonly reason: "group" | "identical content";
  /** Column whose content is the same, where one says so alone. */
  readonly column?: string;
  /** Position in the earlier split of the pair. */
  readonly index: number;
  /** Position in the other split. */
  readonly match: number;
  /** `id` of both examples. */
  readonly ids: readonly [string, string];
  readonly splits: readonly [string, string];
}

/** Keys of the examples of a split, equal where two are taken for the same; undefined where nothing can be said. */
interface Identity {
  /** What the keys are made of, so that only those of one make are compared. */
  readonly of: string;
  readonly column: string | undefined;
  readonly keys: readonly (string | undefined)[];
}

/**
 * What makes two examples of a split the same. An image, a volume or a cell does so alone. In examples without such,
 * texts, sequences and molecules do so together: two are the same where all of these columns agree, and at least one
 * value is long enough that this is no chance. Classes, numbers and all other kinds say nothing.
 */
export function identities(split: Split): readonly Identity[] {
  const known = computed.get(split) ?? findIdentities(split);
  computed.set(split, known);
  return known;
}

/** A split is compared with several others, and hashing its content takes time. */
const computed = new WeakMap<Split, readonly Identity[]>();

function findIdentities({ columns, length }: Split): Identity[] {
  const known = Object.entries(columns)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, column]) => ({ name, column, kind: kindOf(column) }))
    .filter(({ kind }) => kind.fingerprints !== undefined);
  const alone = known.filter(({ kind }) => kind.identifies === "alone");
  const together = known.filter(({ kind }) => kind.identifies !== "alone");
  const found = alone.map(({ name, kind, column }): Identity => ({
    of: name,
    column: name,
    keys: kind.fingerprints!(column),
  }));
  const telling = Array.from(
    { length },
    (_, row) =>
      !alone.some(({ column }) => isPresent(column, row)) &&
      together.some(({ kind, column }) => isPresent(column, row) && (kind.telling?.(column, row) ?? true)),
  );
  if (!telling.includes(true)) return found;
  const prints = together.map(({ kind, column }) => kind.fingerprints!(column));
  const keys = telling.map((tells, row) => (tells ? prints.map((values) => values[row] ?? "").join(" ") : undefined));
  return [...found, { of: together.map(({ name }) => name).join(", "), column: undefined, keys }];
}

function firstIndex(keys: readonly (string | undefined)[] | undefined): Map<string, number> {
  const index = new Map<string, number>();
  keys?.forEach((key, position) => {
    if (key !== undefined && !index.has(key)) index.set(key, position);
  });
  return index;
}

/**
 * Examples of `split` whose group or content also occurs in `other`; each is listed once. What a split does not know
 * (groups, content of files) is not compared. See {@link identities} for what counts as the same content.
 */
export function findLeaks(split: Split, other: Split): Leak[] {
  const groups = firstIndex(other.groups);
  const others = new Map(identities(other).map((identity) => [identity.of, firstIndex(identity.keys)]));
  const own = identities(split);
  const leaks: Leak[] = [];
  for (let index = 0; index < split.length; index++) {
    const same = own
      .map(({ of, column, keys }) => {
        const key = keys[index];
        return { column, match: key === undefined ? undefined : others.get(of)?.get(key) };
      })
      .find(({ match }) => match !== undefined);
    const group = split.groups?.[index];
    const match = same?.match ?? (group === undefined ? undefined : groups.get(group));
    if (match === undefined) continue;
    leaks.push({
      reason: same === undefined ? "group" : "identical content",
      ...(same?.column === undefined ? {} : { column: same.column }),
      index,
      match,
      ids: [split.ids[index]!, other.ids[match]!],
      splits: [split.name, other.name],
    });
  }
  return leaks;
}

const fileName = /[^/\\]\.(?:png|jpe?g|tiff?|webp|bmp|gif|nii|nii\.gz|dcm|txt|md)$/i;

/** A row of a file, as examples without an identifier are called. */
const rowOfFile = /^[^/\\]+\.[a-z\d]+ row \d+$/i;

/** A file or a row of one by its name, anything else by its row: an identifier from a table can be a record number or a name. */
const exampleOf = (id: string, row: number, split: string): string =>
  fileName.test(id) || rowOfFile.test(id) || id === `${split}/${row}`
    ? `${id} (${split})`
    : `row ${row + 1} of ${split}`;

/**
 * The error for leaks between splits: how many, of which kind, and the first few pairs. Groups and identifiers are left out
 * of it, since they can be patient numbers.
 *
 * @param unit what an example is, in the plural
 * @param groupingKey what makes the groups, as a card says it
 */
export function leakageError(
  leaks: readonly Leak[],
  dataset: string,
  unit = "examples",
  groupingKey = "",
): VesaliusError {
  const column = groupingKey.split(/[(;:,]/)[0]!.trim();
  const group = column === "" ? "same group" : `same group (${column})`;
  const pairs = leaks
    .slice(0, 5)
    .map(
      ({ reason, column: alone, index, match, ids, splits }) =>
        `${exampleOf(ids[0], index, splits[0])} and ${exampleOf(ids[1], match, splits[1])}: ${reason === "group" ? group : `identical ${alone ?? "content"}`}`,
    );
  const more = leaks.length > pairs.length ? `, and ${leaks.length - pairs.length} more` : "";
  return new VesaliusError(
    "data-leakage",
    `${leaks.length} ${unit} of one split share a group or their content with another split: ${pairs.join("; ")}${more}`,
    {
      where: dataset,
      fix: (option) =>
        `correct the splits, or leave such training examples out with ${option("leakage", "drop-from-train")}`,
    },
  );
}
