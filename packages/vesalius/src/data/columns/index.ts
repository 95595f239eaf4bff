/** The kinds of column. A new kind is a file beside this one, its test, and a line in the list. */
import { VesaliusError } from "../../common/errors.ts";
import type { Column, ColumnFacts, ColumnKind } from "../column.ts";
import { categories } from "./categories.ts";
import { choices } from "./choices.ts";
import { classes } from "./classes.ts";
import { dialogues } from "./dialogues.ts";
import { documents } from "./documents.ts";
import { events } from "./events.ts";
import { expressions } from "./expressions.ts";
import { images } from "./images.ts";
import { labels } from "./labels.ts";
import { masks } from "./masks.ts";
import { molecules } from "./molecules.ts";
import { numbers } from "./numbers.ts";
import { references } from "./references.ts";
import { relations } from "./relations.ts";
import { sequences } from "./sequences.ts";
import { spans } from "./spans.ts";
import { texts } from "./texts.ts";
import { timelines } from "./timelines.ts";
import { volumes } from "./volumes.ts";

/** Every kind of column. */
export const columnKinds = [
  images,
  volumes,
  masks,
  texts,
  documents,
  dialogues,
  sequences,
  molecules,
  expressions,
  numbers,
  categories,
  classes,
  labels,
  choices,
  spans,
  relations,
  events,
  timelines,
  references,
] as const;

type AnyKind = (typeof columnKinds)[number];
type StoredOf<Kind> = Kind extends ColumnKind<infer Stored, infer _Read> ? Stored : never;
type ReadOf<Kind> = Kind extends ColumnKind<infer _Stored, infer Read> ? Read : never;

/** A stored column of any kind. */
export type StoredColumn = StoredOf<AnyKind>;
/** Name of a kind of column. */
export type ColumnKindName = StoredColumn["kind"];
/** The stored column of a kind. */
export type StoredColumnOf<Name extends ColumnKindName> = Extract<StoredColumn, { readonly kind: Name }>;
/** What a row of a kind of column reads as. */
export type ReadValue<Name extends ColumnKindName> = ReadOf<Extract<AnyKind, { readonly kind: Name }>>;

const byName: ReadonlyMap<string, AnyKind> = new Map(columnKinds.map((kind) => [kind.kind, kind]));

/**
 * What knows how to handle a column.
 *
 * @throws VesaliusError `bad-data` for a kind that is not listed
 */
export function kindOf<Stored extends Column>(column: Stored): ColumnKind<Stored> {
  const kind = byName.get(column.kind);
  if (kind === undefined) {
    throw new VesaliusError("bad-data", `there is no kind of column called ${column.kind}`, {
      fix: `use one of ${[...byName.keys()].join(", ")}`,
    });
  }
  // The name is what ties a column to its kind.
  return kind as unknown as ColumnKind<Stored>;
}

/** What a plan needs to know of a column; columns of kinds without more say what they are and how many there are. */
export const factsOf = (column: Column): ColumnFacts & { readonly kind: string; readonly examples: number } => ({
  ...kindOf(column).facts?.(column),
  kind: column.kind,
  examples: column.length,
});
