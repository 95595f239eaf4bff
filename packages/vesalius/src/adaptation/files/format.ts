import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import type { Tensors } from "../../graph/index.ts";
import type { AdapterConfig } from "../adapter.ts";
import type { TrainedAdapter } from "../attach.ts";
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
    // Modules that are saved whole stand inside a wrapper in memory, and in the files of some versions.
    plain.set(
      name.slice(prefix.length).replace(".modules_to_save.default.", ".").replace(".modules_to_save.", "."),
      tensor,
    );
  }
  return plain;
}

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
 */
export function savedModules(
  type: string,
  { weights, peft = {} }: Pick<TrainedAdapter, "weights" | "peft">,
  own: RegExp,
  targets: readonly string[] | undefined,
  keys: (modules: readonly string[], targets: readonly string[]) => Readonly<Record<string, unknown>>,
): SavedAdapter {
  const names = [...weights.keys()];
  const modules = [...new Set(names.filter((name) => own.test(name)).map((name) => name.replace(own, "")))];
  const written = targets === undefined ? modules : plainTargets(targets, modules);
  const saved = modulesToSave(names.filter((name) => !own.test(name)));
  return {
    config: {
      ...peftHead(type),
      target_modules: written,
      modules_to_save: saved.length === 0 ? null : saved,
      fan_in_fan_out: false,
      ...keys(modules, written),
      ...peft,
    },
    tensors: withPrefix(weights),
  };
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
