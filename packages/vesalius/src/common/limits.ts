import { z } from "zod";

/**
 * Upper limits of whole numbers by what a key is about, the first that fits. They lie far above what anybody trains and
 * below what would keep a machine busy for days before it fails: settings come from files too.
 */
const limits: readonly (readonly [key: RegExp, most: number])[] = [
  [/seed/i, Number.MAX_SAFE_INTEGER],
  [/ratio$/i, 1024],
  [/(depth|layers|blocks|stages|units|repeats)s?$/i, 512],
  [/(heads|groups|experts|registers|queries)$/i, 4096],
  [/(imageSize|windowSize|patchSize|patch|window|kernel\w*|strides?)$/i, 8192],
  [/(rank|r)$/, 65_536],
  [/(width|widths|channels|features)\w*$/i, 262_144],
  [/(classes|outputs|labels|levels)$/i, 1_000_000],
  [/(epochs)$/i, 100_000],
  [/(batchSize|accumulation|rows)$/i, 1_048_576],
];
/** Limit of the other whole numbers: what fits the engine's own. */
const mostOfOthers = 2 ** 31 - 1;
/** Lists of sizes, one for each layer; others, such as the means of all genes, are as long as the data are wide. */
const perLayer = /(depth|layers|blocks|heads|kernel\w*|stride|patch|window|width|channel|feature)s?$/i;
const mostLayers = 1000;

type Any = z.core.$ZodType;

function boundedNumber(schema: z.ZodNumber, key: string): z.ZodNumber {
  const listed = limits.find(([pattern]) => pattern.test(key))?.[1];
  const most = listed ?? (schema.isInt ? mostOfOthers : Infinity);
  const own = schema.maxValue;
  return own !== null && own <= most ? schema : Number.isFinite(most) ? schema.max(most) : schema;
}

/** A schema with another one inside, all else as it was. */
const around = <Schema extends z.ZodType>(schema: Schema, changed: Readonly<Record<string, unknown>>): Schema =>
  schema.clone({ ...schema.def, ...changed });

function boundedValue(schema: Any, key: string): Any {
  if (schema instanceof z.ZodNumber) return boundedNumber(schema, key);
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodNullable
  ) {
    const inner = boundedValue(schema.def.innerType, key);
    return inner === schema.def.innerType ? schema : around(schema as z.ZodType, { innerType: inner });
  }
  if (schema instanceof z.ZodArray) {
    const element = boundedValue(schema.def.element, key);
    const changed = element === schema.def.element ? schema : around(schema, { element });
    return element instanceof z.ZodNumber && element.isInt && perLayer.test(key) ? changed.max(mostLayers) : changed;
  }
  if (schema instanceof z.ZodTuple) {
    const items = schema.def.items.map((item) => boundedValue(item, key));
    return items.every((item, i) => item === schema.def.items[i]) ? schema : around(schema, { items });
  }
  if (schema instanceof z.ZodUnion && !(schema instanceof z.ZodDiscriminatedUnion)) {
    const options = schema.def.options.map((option) => boundedValue(option, key));
    return options.every((option, i) => option === schema.def.options[i]) ? schema : around(schema, { options });
  }
  return schema instanceof z.ZodObject ? bounded(schema) : schema;
}

/**
 * Settings whose numbers have upper limits where they had none: depths, widths, heads, classes, lengths. Everything else,
 * refinements among it, is as it was.
 */
export function bounded<Settings extends z.ZodObject>(settings: Settings): Settings {
  const changed = Object.entries(settings.shape).flatMap(([key, value]) => {
    const limited = boundedValue(value as Any, key);
    return limited === value ? [] : [[key, limited] as const];
  });
  if (changed.length === 0) return settings;
  return settings.safeExtend(Object.fromEntries(changed)) as unknown as Settings;
}
