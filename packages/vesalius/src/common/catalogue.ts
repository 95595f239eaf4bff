import { z } from "zod";
import { validate } from "./check.ts";
import { VesaliusError } from "./errors.ts";
import { bounded } from "./limits.ts";

/** Plain data that name a thing of a catalogue and its settings, as recipes write it: `{ name: "lora", rank: 8 }`. */
export interface Spec {
  readonly name: string;
  readonly [setting: string]: unknown;
}

/** One thing that a recipe can name: an encoder, an objective, a task, an architecture ... */
export interface Entry<Name extends string = string, Settings extends z.ZodObject = z.ZodObject, Made = unknown> {
  readonly name: Name;
  /** What it is, in one sentence, for tables and help. */
  readonly summary: string;
  /** Its settings without `name`; a strict object, so that a misspelt key is refused. */
  readonly settings: Settings;
  /** Makes it from checked settings. */
  create(settings: z.output<Settings>): Made;
  /** Paper or reference implementation. */
  readonly paper?: string;
}

/** Keeps the types of an entry's name and settings. */
export const entry = <const Name extends string, Settings extends z.ZodObject, Made>(
  it: Entry<Name, Settings, Made>,
): Entry<Name, Settings, Made> => it;

/** The plain data of an entry, defaults filled in. */
export type SpecOf<E extends Entry> = E extends Entry
  ? { readonly name: E["name"] } & Readonly<z.output<E["settings"]>>
  : never;
/** The plain data of an entry as a person writes them. */
export type InputOf<E extends Entry> = E extends Entry
  ? { readonly name: E["name"] } & Readonly<z.input<E["settings"]>>
  : never;

/** The entry of a name, where it is known which that is; any of them otherwise. */
type EntryOf<E extends Entry, Name extends string> = [Extract<E, { readonly name: Name }>] extends [never]
  ? E
  : Extract<E, { readonly name: Name }>;

/** A closed list of entries by name, which schema, choices and documentation are derived from. */
export interface Catalogue<E extends Entry = Entry> {
  /** What is listed, in the singular: "encoder". */
  readonly what: string;
  readonly names: readonly E["name"][];
  readonly entries: readonly E[];
  /** Discriminated by `name`; every entry also takes the keys of `shared`. */
  readonly schema: z.ZodType<SpecOf<E>, InputOf<E>>;
  /** @throws VesaliusError `bad-configuration` for a name that is not listed, naming those that are */
  entry<Name extends string>(name: Name): EntryOf<E, Name>;
  /**
   * Checks plain data and makes what they name. Keys of `shared` are left out of what `create` sees.
   *
   * @throws VesaliusError `bad-configuration` for an unknown name or settings that do not fit
   */
  create(spec: Spec): ReturnType<E["create"]>;
  /** Checks plain data and fills in defaults. */
  parse(spec: Spec, where?: string): SpecOf<E>;
  /** The same catalogue with the entries of a program that uses the library. */
  with<More extends Entry>(...more: readonly More[]): Catalogue<E | More>;
}

/**
 * Makes a catalogue. One list is the only place where an entry is named: there is no registration by side effect.
 *
 * @param what what is listed, in the singular, for messages
 * @param shared keys that every entry takes beside its own, such as a label
 * @throws VesaliusError `bad-argument` where two entries have one name
 *
 * @example
 * const samplers = catalogue("sampler", [shuffled, weighted]);
 * samplers.create({ name: "shuffled" });
 */
export function catalogue<const E extends Entry>(
  what: string,
  listed: readonly E[],
  shared: z.ZodRawShape = {},
): Catalogue<E> {
  // Limits are drawn in one place for everything that has a name.
  const entries = listed.map((one): E => ({ ...one, settings: bounded(one.settings) }));
  const byName = new Map<string, E>();
  for (const one of entries) {
    if (byName.has(one.name))
      throw new VesaliusError("bad-argument", `two entries are called ${one.name}`, { where: what });
    byName.set(one.name, one);
  }
  const options = entries.map(({ name, settings }) =>
    // Keeps strictness and refinements of the entry's own settings.
    settings.safeExtend({ name: z.literal(name), ...shared }),
  );
  // The union of options is built from a list, whose element types a tuple type cannot express.
  const schema = z.discriminatedUnion("name", options as never) as unknown as z.ZodType<SpecOf<E>, InputOf<E>>;
  const find = (name: string): E => {
    const found = byName.get(name);
    if (found === undefined)
      throw new VesaliusError("bad-configuration", `there is no ${what} called ${name}`, {
        fix: `choose one of ${[...byName.keys()].join(", ")}`,
      });
    return found;
  };
  return {
    what,
    names: entries.map(({ name }) => name),
    entries,
    schema,
    entry: <Name extends string>(name: Name) => find(name) as EntryOf<E, Name>,
    parse: (spec, where) => {
      find(spec.name);
      return validate(schema, spec, {
        code: "bad-configuration",
        what: `${what} ${spec.name}`,
        ...(where === undefined ? {} : { where }),
      });
    },
    create(spec) {
      const { name, ...given } = spec;
      const found = find(name);
      const own = Object.fromEntries(
        Object.entries(given).filter(([key]) => !(key in shared) || key in found.settings.shape),
      );
      const settings = validate(found.settings, own, {
        code: "bad-configuration",
        what: `${what} ${name}`,
      });
      return found.create(settings) as ReturnType<E["create"]>;
    },
    with: <More extends Entry>(...more: readonly More[]) => catalogue<E | More>(what, [...entries, ...more], shared),
  };
}
