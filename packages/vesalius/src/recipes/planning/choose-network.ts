import { VesaliusError } from "../../common/errors.ts";
import { columnNamed, factsOf, type Split } from "../../data/index.ts";
import type { ArchitectureEntry, Backbone, NetworkSuggestion, RoleFacts } from "../../models/index.ts";
import type { TaskSuggestion } from "../../tasks/index.ts";
import type { Catalogues } from "../catalogues.ts";

/** A network for data. */
export interface ChosenNetwork {
  readonly name: string;
  /** Folder of a pretrained one. */
  readonly weights?: string;
  /** Columns by role, where a role is not called like its column. */
  readonly inputs: Readonly<Record<string, readonly string[]>>;
  readonly suggestion: NetworkSuggestion;
  readonly facts: Readonly<Record<string, RoleFacts>>;
  readonly backbone: Backbone;
}

/** Says of roles that they are named by whoever writes the settings. */
const named = "(as named)";

/** Kinds of column that a role reads, from how tables write them: "images or volumes". */
const kindsOf = (text: string): string[] => text.split(/, | or /);

/** Kinds that some network reads. */
const readable = (entries: readonly ArchitectureEntry[]): Set<string> =>
  new Set(
    entries.flatMap(({ roles }) =>
      Object.entries(roles).flatMap(([role, kinds]) => (role === named ? [] : kindsOf(kinds))),
    ),
  );

/** Columns by role: every column is read by a role of its own, or the network is none for these data. */
function matchRoles(
  { roles }: ArchitectureEntry,
  columns: Readonly<Record<string, RoleFacts>>,
): Record<string, string> | undefined {
  const names = Object.keys(columns);
  if (Object.hasOwn(roles, named))
    return names.length < 2 ? undefined : Object.fromEntries(names.map((name) => [name, name]));
  const left = new Set(names);
  const matched: Record<string, string> = {};
  for (const [role, kinds] of Object.entries(roles)) {
    const column = [...left].find((name) => kindsOf(kinds).includes(columns[name]!.kind));
    if (column === undefined) return undefined;
    matched[role] = column;
    left.delete(column);
  }
  return left.size === 0 ? matched : undefined;
}

/**
 * The smallest size for real data of an architecture that suggests nothing itself; undefined for one that needs settings
 * which only a person can give, such as the networks that it is made of.
 */
function plainSuggestion({ presets, settings }: ArchitectureEntry): NetworkSuggestion | undefined {
  const preset = Object.keys(presets).find((name) => name !== "nano");
  if (!settings.safeParse(preset === undefined ? {} : presets[preset]).success) return undefined;
  return preset === undefined ? { reasons: {} } : { preset, reasons: { preset: "the smallest size for real data" } };
}

/** The backbone that a suggestion describes. */
export function backboneOf(
  { architectures }: Pick<Catalogues, "architectures">,
  name: string,
  { preset, settings, encoders }: NetworkSuggestion,
  inputs: Readonly<Record<string, readonly string[]>>,
): Backbone {
  const entry = architectures.entry(name);
  const config = entry.settings.parse({ ...(preset === undefined ? {} : entry.presets[preset]), ...settings });
  return {
    network: entry.create(config),
    weights: undefined,
    preparation: undefined,
    columns: inputs,
    ...(encoders === undefined ? {} : { encoders }),
  };
}

/** What of data a network must not read, and what it reads of a table beside their own columns. */
export type ReadableParts = Pick<TaskSuggestion, "columns" | "tableColumns" | "together">;

/** The name under which columns that one role reads together are matched. */
const joinedName = (columns: readonly string[]): string => columns.join(" and ");

/** Facts on columns that one role reads together: lengths and counts are sums. */
function togetherFacts(train: Split, columns: readonly string[]): RoleFacts {
  const [first, ...others] = columns.map((name) => factsOf(columnNamed(train, name)));
  const summed = (key: string, value: RoleFacts[string]): RoleFacts[string] =>
    typeof value === "number" && key !== "examples"
      ? others.reduce((sum, facts) => sum + Number(facts[key] ?? 0), value)
      : value;
  return {
    ...Object.fromEntries(Object.entries(first!).map(([key, value]) => [key, summed(key, value)])),
    kind: first!.kind,
    examples: first!.examples,
  };
}

/** Facts on columns of a table that one role reads together: those of the last, which lengths depend on most. */
function tableFacts(train: Split, names: readonly string[]): RoleFacts {
  const name = names.at(-1)!;
  return { ...factsOf(columnNamed(train, name)), table: name.split(".", 1)[0]! };
}

/** Columns that a network may read, with what is known of them. */
function readColumns(
  train: Split,
  { columns: predicted, tableColumns = {}, together }: ReadableParts,
  { entries }: Catalogues["architectures"],
): Record<string, RoleFacts> {
  const kinds = readable(entries);
  const own = Object.entries(train.columns).flatMap(([name, column]) =>
    predicted.includes(name) || together?.columns.includes(name) === true || !kinds.has(column.kind)
      ? []
      : [[name, factsOf(column)] as const],
  );
  const ofTable = Object.entries(tableColumns).map(([role, names]) => [role, tableFacts(train, names)] as const);
  const joined =
    together === undefined ? [] : [[joinedName(together.columns), togetherFacts(train, together.columns)] as const];
  const columns = Object.fromEntries([...own, ...ofTable, ...joined]);
  if (Object.keys(columns).length > 0) return columns;
  throw new VesaliusError("bad-data", "the data hold nothing that a network reads, beside what is to be predicted", {
    where: `split ${train.name}`,
    fix: (option) => `networks read ${[...kinds].join(", ")}; say which columns these are with ${option("columns")}`,
  });
}

/** Columns by role and what is known of them. */
const assigned = (
  matched: Readonly<Record<string, string>>,
  columns: Readonly<Record<string, RoleFacts>>,
  { tableColumns = {}, together }: ReadableParts,
) => {
  const joined = together === undefined ? undefined : joinedName(together.columns);
  const columnsOf = (column: string): readonly string[] =>
    column === joined ? together!.columns : (tableColumns[column] ?? [column]);
  const roles = Object.entries(matched);
  const pair = roles.find(([, column]) => column === joined);
  return {
    inputs: Object.fromEntries(roles.map(([role, column]) => [role, columnsOf(column)])),
    facts: Object.fromEntries(roles.map(([role, column]) => [role, columns[column]!])),
    encoders: pair === undefined ? undefined : { [pair[0]]: together!.encoder },
  };
};

/** A suggestion whose encoders also read columns together. */
function withEncoders(suggestion: NetworkSuggestion, more: NetworkSuggestion["encoders"]): NetworkSuggestion {
  if (more === undefined) return suggestion;
  const merged = Object.entries(more).map(([role, settings]) => [
    role,
    { ...suggestion.encoders?.[role], ...settings },
  ]);
  return { ...suggestion, encoders: { ...suggestion.encoders, ...Object.fromEntries(merged) } };
}

/**
 * A pretrained backbone with the columns of a split that it would read: those that it was trained on, or the only ones of
 * the kinds that it reads.
 *
 * @param weights folder that it was loaded from
 * @throws VesaliusError `bad-data` where the split does not say which columns these are
 */
export function pretrainedNetwork(
  backbone: Backbone,
  weights: string,
  train: Split,
  parts: ReadableParts,
  { architectures }: Pick<Catalogues, "architectures">,
): ChosenNetwork {
  const { network } = backbone;
  const columns = readColumns(train, parts, architectures);
  const roles = Object.keys(network.reads);
  const own = Object.fromEntries(roles.map((role) => [role, backbone.columns?.[role]?.[0] ?? role]));
  const known = Object.values(own).every((column) => Object.hasOwn(columns, column));
  const matched = known ? own : matchRoles(architectures.entry(network.name), columns);
  if (matched === undefined)
    throw new VesaliusError(
      "bad-data",
      `${network.name} reads ${roles.join(", ")}, and the data do not say from where`,
      {
        where: `split ${train.name}`,
        fix: `name the columns in a recipe, as backbone.inputs (there are ${Object.keys(columns).join(", ")})`,
      },
    );
  const { inputs, facts } = assigned(matched, columns, parts);
  return {
    name: network.name,
    weights,
    suggestion: { reasons: {} },
    inputs,
    facts,
    backbone: { ...backbone, columns: inputs },
  };
}

/**
 * Networks that read what a split holds beside what is predicted, in the order of the catalogue.
 *
 * @param parts columns that must not be read, and those of a table that are
 */
export function suggestNetworks(
  train: Split,
  parts: ReadableParts,
  catalogues: Pick<Catalogues, "architectures">,
): ChosenNetwork[] {
  const { entries } = catalogues.architectures;
  const columns = readColumns(train, parts, catalogues.architectures);
  return entries.flatMap((entry) => {
    const matched = matchRoles(entry, columns);
    if (matched === undefined) return [];
    const { inputs, facts, encoders } = assigned(matched, columns, parts);
    const suggested = entry.suggest === undefined ? plainSuggestion(entry) : entry.suggest(facts);
    if (suggested === undefined) return [];
    const suggestion = withEncoders(suggested, encoders);
    const backbone = backboneOf(catalogues, entry.name, suggestion, inputs);
    return [{ name: entry.name, inputs, suggestion, facts, backbone }];
  });
}
