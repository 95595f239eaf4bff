import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import type { Tensors } from "../../graph/index.ts";
import type { AdapterConfig } from "../adapter.ts";
import type { TrainedAdapter } from "../attach.ts";
import { keysIn, unknownKeys } from "../../models/index.ts";
import { matchesAny } from "../patterns.ts";

/** An adapter as it stands in its two files. */
export interface SavedAdapter {
  /** Keys of `adapter_config.json`. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Entries of `adapter_model.safetensors`. */
  readonly tensors: Tensors;
  /** What PEFT has no key for, in the header of the safetensors file, which PEFT does not read. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A trained adapter of one type. */
export type TrainedAdapterOf<Type extends AdapterConfig["type"]> = TrainedAdapter & {
  readonly config: Extract<AdapterConfig, { type: Type }>;
};

/** How adapters of one type are saved. */
export interface AdapterFormat<Type extends AdapterConfig["type"]> {
  readonly write: (adapter: TrainedAdapterOf<Type>) => SavedAdapter;
  /** @throws VesaliusError `bad-file` for keys and entries that are not understood */
  readonly read: (saved: SavedAdapter, where: string) => TrainedAdapterOf<Type>;
}

/** In front of the names of modules that PEFT wraps. */
const modelPrefix = "base_model.model.";

/** Keys that every `adapter_config.json` of PEFT has. */
export const peftHead = (type: string) => ({
  peft_type: type,
  auto_mapping: null,
  base_model_name_or_path: "",
  revision: null,
  task_type: null,
  inference_mode: true,
});

/** Entries as PEFT names those that belong to modules. */
export const withPrefix = (tensors: Tensors, prefix = modelPrefix): Tensors =>
  new Map([...tensors].map(([name, tensor]) => [prefix + name, tensor]));

/** Takes PEFT's prefix from the names of entries. */
export function withoutPrefix(tensors: Tensors, where: string, prefix = modelPrefix): Tensors {
  const plain: Tensors = new Map();
  for (const [name, tensor] of tensors) {
    if (!name.startsWith(prefix)) throw new VesaliusError("bad-file", `unexpected entry "${name}"`, { where });
    // The wrapper of a module that is saved whole keeps the original beside, which nothing reads.
    if (name.includes(".original_module.")) continue;
    plain.set(plainName(name.slice(prefix.length)), tensor);
  }
  return plain;
}

/** An entry's name without the wrappers that modules stand in in memory, and in the files of some versions. */
const plainName = (name: string): string =>
  name
    .replace(/\.modules_to_save\.(?:default\.)?/, ".")
    .replace(".base_layer.", ".")
    .replace(/(\.(?:lora_[AB]|lora_embedding_[AB]|lora_magnitude_vector|ia3_l))\.default(?=\.|$)/, "$1")
    .replace(/\.lora_magnitude_vector\.weight$/, ".lora_magnitude_vector");

/** Keys of every `adapter_config.json` that decide nothing of what an adapter computes. */
const neutralKeys = keysIn(
  "auto_mapping base_model_name_or_path revision task_type inference_mode peft_version modules_to_save " +
    "exclude_modules runtime_config",
);

/** The modules that parameters beside the adapter's own belong to, as PEFT lists them. */
export const modulesToSave = (names: Iterable<string>): string[] => [
  ...new Set([...names].map((name) => name.replace(/\.[^.]+$/, ""))),
];

/** Names of modules for patterns of which PEFT's lists know none with `*`. */
export const plainTargets = (patterns: readonly string[], modules: readonly string[]): string[] =>
  patterns.flatMap((pattern) =>
    pattern.includes("*") ? modules.filter((module) => matchesAny(module, [pattern])) : [pattern],
  );

/**
 * The files of an adapter that stands beside or inside modules.
 *
 * @param own which parameters are the adapter's: with the part of the name behind the module
 * @param targets patterns that name the modules; those that have parameters where they are left out
 * @param keys keys of the type, made from the modules and the targets as they are written
 * @param biases whether biases were trained beside the adapter; with its weight a module is saved whole
 */
export function savedModules(
  type: string,
  { weights, peft = {} }: Pick<TrainedAdapter, "weights" | "peft">,
  own: RegExp,
  targets: readonly string[] | undefined,
  keys: (modules: readonly string[], targets: readonly string[]) => Readonly<Record<string, unknown>>,
  biases = false,
): SavedAdapter {
  const names = [...weights.keys()];
  const modules = [...new Set(names.filter((name) => own.test(name)).map((name) => name.replace(own, "")))];
  const written = targets === undefined ? modules : plainTargets(targets, modules);
  const isAlone = (name: string): boolean =>
    biases && name.endsWith("bias") && !weights.has(name.replace(/bias$/, "weight"));
  const saved = modulesToSave(names.filter((name) => !own.test(name) && !isAlone(name)));
  // PEFT wraps the modules that it adapts.
  const wrapped = new Map(modules.map((module) => [`${module}.bias`, `${module}.base_layer.bias`]));
  const tensors = new Map([...weights].map(([name, tensor]) => [(biases && wrapped.get(name)) || name, tensor]));
  return {
    config: {
      ...peftHead(type),
      target_modules: written,
      modules_to_save: saved.length === 0 ? null : saved,
      fan_in_fan_out: false,
      ...keys(modules, written),
      ...peft,
    },
    tensors: withPrefix(tensors),
  };
}

/**
 * Checks keys of PEFT's configuration. What neither the schema nor `neutral` names, and that is not switched off, may change
 * what the adapter computes.
 *
 * @param neutral further keys that decide nothing of it
 * @throws VesaliusError `bad-file` naming the keys
 */
export function parsePeft<Schema extends z.ZodObject>(
  schema: Schema,
  what: string,
  config: Readonly<Record<string, unknown>>,
  where: string,
  neutral: readonly string[] = [],
): z.output<Schema> {
  const unknown = unknownKeys(config, schema, [...neutralKeys, ...neutral]);
  if (unknown.length === 0) return parseKeys(schema, what, config, where);
  throw new VesaliusError("bad-file", `adapter_config.json has keys that are not supported: ${unknown.join(", ")}`, {
    where,
    fix: "use an adapter without them; take a key out only where it changes nothing of what the adapter computes",
  });
}

/** Checks keys of a configuration. */
export function parseKeys<Schema extends z.ZodType>(
  schema: Schema,
  what: string,
  config: unknown,
  where: string,
): z.output<Schema> {
  const parsed = schema.safeParse(config);
  if (parsed.success) return parsed.data;
  throw new VesaliusError("bad-file", `adapter_config.json is no ${what}: ${z.prettifyError(parsed.error)}`, { where });
}
