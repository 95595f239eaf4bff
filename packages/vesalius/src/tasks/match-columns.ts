import { VesaliusError } from "../common/errors.ts";
import { type Column, columnKinds, encoders, type Part, type Split } from "../data/index.ts";
import type { Model } from "./model.ts";

/** A column that a model reads, with the kinds that its encoder takes. */
export interface ReadColumn {
  readonly name: string;
  readonly kinds: readonly string[];
  /** Whether the model can do without it. */
  readonly optional: boolean;
}

function columnsOfPart({ columns, encoder, optional }: Part, catalogue: Pick<typeof encoders, "create">): ReadColumn[] {
  const { reads } = catalogue.create(encoder);
  return columns.map((name, i) => ({
    name,
    kinds: reads[Math.min(i, reads.length - 1)]!,
    optional: optional === true,
  }));
}

/**
 * The columns that a model answers from: those of its inputs, not of what it predicts.
 *
 * @param catalogue encoders, for a program that has added to them
 */
export function columnsReadBy(
  model: Pick<Model, "plan">,
  catalogue: Pick<typeof encoders, "create"> = encoders,
): readonly ReadColumn[] {
  const all = Object.values(model.plan(1).parts)
    .filter(({ target }) => target !== true)
    .flatMap((part) => columnsOfPart(part, catalogue));
  return [...new Map(all.map((column) => [column.name, column])).values()];
}

/** A column without a value, of the first kind that can be made from nothing else. */
const emptyOf = ({ kinds }: ReadColumn, length: number): Column | undefined =>
  columnKinds.find((kind) => kinds.includes(kind.kind) && "empty" in kind)?.empty?.(length);

const described = ({ name, kinds }: ReadColumn): string => `${name} (${kinds.join(" or ")})`;

/**
 * A split with the columns that a model reads under the names that it knows. Where the data have no column of a name, the
 * only one of a fitting kind that nothing else reads stands in; one that the model can do without may be missing.
 *
 * @param catalogue encoders, for a program that has added to them
 * @throws VesaliusError `bad-data` where columns are missing or it is not clear which is meant
 *
 * @example
 * const { splits } = await openDataset("film.png", { allowMissingTrain: true });
 * for await (const { answer } of model.predict(matchColumns(model, splits["train"]!))) console.log(answer);
 */
export function matchColumns(
  model: Pick<Model, "plan">,
  split: Split,
  catalogue: Pick<typeof encoders, "create"> = encoders,
): Split {
  const read = columnsReadBy(model, catalogue);
  const isThere = (name: string): boolean => Object.hasOwn(split.columns, name.split(".")[0]!);
  const missing = read.filter(({ name }) => !isThere(name));
  if (missing.length === 0) return split;
  const free = Object.entries(split.columns).filter(([name]) => !read.some((column) => column.name === name));
  const columns: Record<string, Column> = { ...split.columns };
  const unmatched: ReadColumn[] = [];
  let seen = missing.length < read.length;
  for (const column of missing) {
    const fitting = free.filter(([, { kind }]) => column.kinds.includes(kind));
    const rivals = missing.filter(({ kinds }) => fitting.some(([, { kind }]) => kinds.includes(kind)));
    const none = emptyOf(column, split.length);
    if (fitting.length === 1 && rivals.length === 1) {
      columns[column.name] = fitting[0]![1];
      seen = true;
    } else if (fitting.length === 0 && column.optional && none !== undefined) columns[column.name] = none;
    else unmatched.push(column);
  }
  if (unmatched.length === 0 && seen) return { ...split, columns };
  const given = Object.entries(split.columns).map(([name, { kind }]) => `${name} (${kind})`);
  throw new VesaliusError(
    "bad-data",
    `the model reads ${read.map(described).join(", ")}, and the data have ${given.join(", ")}`,
    {
      where: `split ${split.name}`,
      fix: `give a table or JSON lines with ${(unmatched.length > 0 ? unmatched : missing).map(({ name }) => name).join(", ")}, or name the columns when opening the data`,
    },
  );
}
