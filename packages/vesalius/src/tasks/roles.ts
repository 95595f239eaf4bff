import type { Spec } from "../common/catalogue.ts";
import { VesaliusError } from "../common/errors.ts";
import {
  columnNamed,
  encoders,
  type Column,
  type Encoder,
  type EncoderEntry,
  type Part,
  type Split,
} from "../data/index.ts";
import type { Catalogue } from "../common/catalogue.ts";
import type { Backbone, Preparation } from "../models/index.ts";

/** Columns of the data that a role reads. */
export const columnsOf = ({ columns }: Pick<Backbone, "columns">, role: string): readonly string[] =>
  columns?.[role] ?? [role];

/** The encoder of a role before anything was fitted: what the network decides, and what the caller adds. */
const specOf = ({ network, encoders: given, preparation }: Backbone, role: string): Spec =>
  preparation?.[role] ?? { ...network.reads[role]!, ...given?.[role] };

/** A column that a role reads, or one of a table that references lead to (`relevant.text`). */
function readColumn(split: Split, role: string, name: string): Column {
  const column = name.includes(".") ? columnNamed(split, name) : split.columns[name];
  if (column !== undefined) return column;
  throw new VesaliusError("bad-data", `the network reads ${role} from a column ${name}, which is not there`, {
    where: `split ${split.name}`,
    fix: `say which column it should read (there are ${Object.keys(split.columns).join(", ")})`,
  });
}

/** Options of `prepare`. */
export interface PrepareOptions {
  readonly seed?: number;
  readonly encoders?: Catalogue<EncoderEntry>;
  /** Columns that the encoder of a role is fitted on, in place of those that the role reads. */
  readonly columns?: Readonly<Record<string, readonly string[]>> | undefined;
}

/**
 * Fits the encoders of a backbone's roles on a split (pixel statistics, tokenizers, vocabularies) and the network to
 * them. What was fitted before stays as it is.
 *
 * @throws VesaliusError `bad-data` for a column that the split does not have; whatever fitting throws
 */
export async function prepare(
  backbone: Backbone,
  split: Split,
  { seed = 0, encoders: known = encoders, columns = {} }: PrepareOptions = {},
): Promise<Backbone & { readonly preparation: Preparation }> {
  const fitted: Record<string, Spec> = {};
  const read = (role: string): Column[] =>
    (columns[role] ?? columnsOf(backbone, role)).map((column) => readColumn(split, role, column));
  for (const role of Object.keys(backbone.network.reads)) {
    if (fitted[role] !== undefined) continue;
    const { name, ...settings } = known.parse(specOf(backbone, role), `the network's ${role}`);
    // Roles of one set of weights have one encoder, which sees what each of them reads.
    const roles = backbone.network.alike?.find((group) => group.includes(role)) ?? [role];
    const entry = known.entry(name);
    const spec = { name, ...((await entry.fit?.(settings, roles.flatMap(read), { seed })) ?? settings) };
    for (const alike of roles) fitted[alike] = spec;
  }
  const network = backbone.network.fitted?.(fitted) ?? backbone.network;
  return { ...backbone, network, preparation: fitted };
}

/**
 * Parts of the feeds that a backbone's roles read.
 *
 * @throws VesaliusError `bad-argument` for a backbone that was not prepared
 */
export function roleParts(backbone: Backbone): Record<string, Part> {
  const { preparation } = backbone;
  if (preparation === undefined)
    throw new VesaliusError("bad-argument", "the backbone has seen no data yet", { fix: "call prepare first" });
  const optional = new Set(backbone.network.optional);
  return Object.fromEntries(
    Object.entries(preparation).map(([role, encoder]) => [
      role,
      { columns: columnsOf(backbone, role), encoder, ...(optional.has(role) ? { optional: true } : {}) },
    ]),
  );
}

/** Column of references that roles read a table through: `relevant` of a role that reads `relevant.text`. */
export function referencedColumn(backbone: Backbone, roles: readonly string[]): string | undefined {
  const found = new Set(
    roles.flatMap((role) =>
      columnsOf(backbone, role).flatMap((name) => (name.includes(".") ? [name.split(".", 1)[0]!] : [])),
    ),
  );
  if (found.size <= 1) return [...found][0];
  throw new VesaliusError("bad-configuration", `the network reads tables through ${[...found].join(" and ")}`, {
    where: "columns",
    fix: "choose one column of references",
  });
}

const made = new WeakMap<object, Encoder>();

/** The fitted encoder of a role, made once for each preparation. */
export function encoderOf({ preparation }: Backbone, role: string): Encoder {
  const spec = preparation![role]!;
  const known = made.get(spec) ?? encoders.create(spec);
  made.set(spec, known);
  return known;
}
