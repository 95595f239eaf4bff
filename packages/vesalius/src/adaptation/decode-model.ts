import { z } from "zod";
import type { Catalogue } from "../common/catalogue.ts";
import { validate } from "../common/check.ts";
import { changedFile, checkFiles, isIntact } from "../common/checksums.ts";
import { VesaliusError } from "../common/errors.ts";
import { readSafetensors } from "../common/safetensors.ts";
import { encoders, readingSchema } from "../data/index.ts";
import type { Tensors } from "../graph/index.ts";
import {
  type ArchitectureEntry,
  architectures,
  boundsOf,
  checkDepth,
  checkWeights,
  type Backbone,
  type Preparation,
} from "../models/index.ts";
import { widenAll } from "../models/checkpoints/index.ts";
import {
  backboneFileNames,
  createTask,
  decodeIndex,
  exportTypes,
  featureGraph,
  Model,
  modelFileNames,
  type TaskCatalogues,
} from "../tasks/index.ts";
import { adapterSchema, applyAdapter } from "./adapter.ts";
import { parseJson as parseBoundedJson } from "../common/parse-json.ts";

/** Where the names in saved files are looked up; the library's own by default. */
export interface DecodeOptions extends TaskCatalogues {
  readonly architectures?: Catalogue<ArchitectureEntry>;
}

const specSchema = z.looseObject({ name: z.string() });
const preparationSchema = z.record(z.string(), specSchema);
const columnsSchema = z.record(z.string(), z.array(z.string()).min(1)).optional();
/** SHA-256 of the other files of the folder by name; folders of earlier versions have none. */
const checksumsSchema = z.record(z.string(), z.string()).optional();

const ownConfigSchema = z.looseObject({
  vesalius: z.object({ architecture: z.string(), config: z.record(z.string(), z.unknown()) }),
});

const modelSchema = z.looseObject({
  version: z.literal(1),
  task: specSchema,
  preparation: preparationSchema,
  columns: columnsSchema,
  attached: adapterSchema.optional(),
  data: readingSchema.optional(),
});

const getAgain =
  "copy the folder again from where it came, or make it again; a file that was changed on purpose has to be saved by the library";

/** Files without which a model would give other answers, wherever they were saved. */
const needed: readonly string[] = [modelFileNames.config, modelFileNames.weights, modelFileNames.fitted];

/**
 * Checks the files of a folder against the checksums in one of them, before anything is made of them.
 *
 * @param holder name and content of the file with the checksums, as JSON
 * @param files the others by name; those that are not listed are not looked at
 * @returns whether there were checksums: folders of earlier versions have none
 * @throws VesaliusError `bad-file` naming the file that is not as it was saved, `missing-file` naming one that is gone
 */
function checkFolder(
  [name, json]: readonly [string, unknown],
  files: ReadonlyMap<string, string | Uint8Array>,
  where: string,
): boolean {
  if (isIntact(json) === false) throw changedFile(`${where}/${name}`, getAgain);
  const { checksums } = validate(z.looseObject({ checksums: checksumsSchema }), json, {
    code: "bad-file",
    what: name,
    where,
  });
  if (checksums === undefined) return false;
  const missing = needed.find((one) => Object.hasOwn(checksums, one) && !files.has(one));
  if (missing !== undefined)
    throw new VesaliusError("missing-file", `the folder is not whole: ${missing} is missing`, { where, fix: getAgain });
  checkFiles(checksums, files, where, getAgain);
  return true;
}

function parseJson(text: string, where: string): unknown {
  try {
    return parseBoundedJson(text);
  } catch (error) {
    throw new VesaliusError("bad-file", "the file is no valid JSON", { where, cause: error });
  }
}

/** A backbone with weights and fitted encoders. */
export type LoadedBackbone = Backbone & { readonly preparation: Preparation | undefined; readonly weights: Tensors };

/** The network that a `config.json` describes: one of ours, or a published one that an architecture recognises. */
function decodeNetwork(json: unknown, where: string, known: Catalogue<ArchitectureEntry>) {
  const own = ownConfigSchema.safeParse(json);
  if (own.success) {
    const { architecture, config } = own.data.vesalius;
    return {
      network: building(where, () => known.create({ name: architecture, ...config })),
      preparation: undefined,
      renamed: undefined,
    };
  }
  const published = validate(z.record(z.string(), z.unknown()), json, { code: "bad-file", what: "config.json", where });
  for (const entry of known.entries) {
    const read = building(where, () => entry.fromFile?.(published));
    if (read === undefined) continue;
    const settings = validate(entry.settings, read.settings, {
      code: "bad-file",
      what: `config.json of ${entry.name}`,
      where,
    });
    return {
      network: building(where, () => entry.create(settings)),
      preparation: read.preparation,
      renamed: read.weights,
    };
  }
  const said = ["model_type", "architectures", "architecture", "_target_"].flatMap((key) =>
    published[key] === undefined ? [] : [`${key} ${JSON.stringify(published[key])}`],
  );
  throw new VesaliusError(
    "bad-file",
    `no architecture recognises this configuration${said.length === 0 ? "" : ` (${said.join(", ")})`}`,
    { where, fix: `use a checkpoint of one of ${known.names.join(", ")}` },
  );
}

/** Places of a sequence in the graph that weights are compared with: they do not depend on its length. */
const shortExtent = 128;

const shortTypes = (parts: Parameters<typeof exportTypes>[0]) => exportTypes(parts, 1, {}, encoders, shortExtent);

/** Builds by a configuration from a file, which can ask for tables that no memory holds. */
function building<Result>(where: string, build: () => Result): Result {
  try {
    return build();
  } catch (error) {
    const details = { where, fix: "check that configuration and weights belong together", cause: error };
    if (error instanceof RangeError)
      throw new VesaliusError("bad-file", "config.json asks for more than fits into memory", details);
    if (error instanceof z.ZodError)
      throw new VesaliusError("bad-file", `config.json: ${error.issues[0]?.message ?? "settings do not fit"}`, details);
    throw error;
  }
}

/** What of an image's encoder the network decides, so that both say it. */
const decided = ["channels", "height", "width"] as const;

/** Refuses statistics that the 32 bits of the network cannot hold, which would make every input infinite. */
function checkStatistics(role: string, { mean, std }: Preparation[string], where: string): void {
  const numbers = (given: unknown): number[] => (Array.isArray(given) ? given.map(Number).map(Math.fround) : []);
  if (numbers(mean).every(Number.isFinite) && numbers(std).every((value) => value > 0 && Number.isFinite(1 / value)))
    return;
  throw new VesaliusError("bad-configuration", `the mean or deviation of ${role} is zero or infinite in 32 bits`, {
    where,
    fix: "correct the statistics: the mean and the standard deviation of the training data",
  });
}

/** Refuses encoders that make other images than the network reads. */
function checkEncoders({ reads }: Pick<Backbone["network"], "reads">, preparation: Preparation, where: string): void {
  for (const [role, spec] of Object.entries(preparation)) {
    checkStatistics(role, spec, where);
    for (const key of decided) {
      const [wanted, given] = [reads[role]?.[key], spec[key]];
      if (typeof wanted === "number" && typeof given === "number" && wanted !== given)
        throw new VesaliusError(
          "checkpoint-mismatch",
          `the network reads ${role} of ${key} ${wanted}, its encoder makes ${given}`,
          { where, fix: "check that the files of the folder belong together" },
        );
    }
  }
}

/**
 * Refuses weights that are no numbers, with which every answer would be none.
 *
 * @throws VesaliusError `not-a-number`
 */
function checkFinite(tensors: Tensors, where: string): void {
  for (const [name, { data }] of tensors)
    if ((data instanceof Float32Array || data instanceof Float64Array) && !data.every(Number.isFinite))
      throw new VesaliusError("not-a-number", `the weight ${name} holds values that are not finite`, {
        where,
        fix: "the file is damaged or training diverged; take an earlier checkpoint",
      });
}

const architecturesOf = (options: DecodeOptions) => options.architectures ?? architectures;

/**
 * Decodes a backbone.
 *
 * @throws VesaliusError `bad-file` for files that do not parse, `checkpoint-mismatch` listing weights that do not fit
 */
export function decodeBackbone(
  files: {
    readonly config: string;
    /** A safetensors file, or what several of them hold. Numbers of 16 bits become float32. */
    readonly weights: Uint8Array | Tensors;
    readonly preparation?: string | undefined;
    /** Further files by name whose checksums are compared. */
    readonly others?: ReadonlyMap<string, Uint8Array>;
  },
  where: string,
  options: DecodeOptions = {},
): LoadedBackbone {
  const prepared =
    files.preparation === undefined ? undefined : parseJson(files.preparation, `${where}/preparation.json`);
  if (prepared !== undefined)
    checkFolder(
      [backboneFileNames.preparation, prepared],
      new Map<string, string | Uint8Array>([
        [modelFileNames.config, files.config],
        ...(files.weights instanceof Uint8Array ? [[backboneFileNames.weights, files.weights] as const] : []),
        ...(files.others ?? []),
      ]),
      where,
    );
  const {
    network,
    preparation: published,
    renamed,
  } = decodeNetwork(parseJson(files.config, `${where}/config.json`), where, architecturesOf(options));
  const saved =
    prepared === undefined
      ? undefined
      : validate(z.object({ preparation: preparationSchema, columns: columnsSchema }), prepared, {
          code: "bad-file",
          what: "preparation.json",
          where,
        });
  const preparation = saved?.preparation ?? published;
  const stored = widenAll(
    files.weights instanceof Uint8Array ? readSafetensors(files.weights, `${where}, weights`).tensors : files.weights,
  );
  const tensors = renamed?.(stored) ?? stored;
  checkDepth(network, tensors.size, where);
  const backbone: LoadedBackbone = {
    network,
    weights: tensors,
    preparation,
    ...(saved?.columns === undefined ? {} : { columns: saved.columns }),
  };
  if (preparation !== undefined) {
    checkEncoders(network, preparation, where);
    const parts = Object.fromEntries(Object.entries(preparation).map(([role, encoder]) => [role, { encoder }]));
    const graph = building(where, () => featureGraph(backbone, shortTypes(parts), boundsOf(tensors)));
    checkWeights(graph, tensors, {
      where,
      mayMiss: (name) => ["new", "either"].includes(network.mayDiffer?.(name) ?? ""),
      mayBeLeft: (name) => network.mayDiffer?.(name) !== undefined,
    });
  }
  return backbone;
}

/**
 * Decodes a saved model.
 *
 * @throws VesaliusError `bad-file` for files that do not parse, `checkpoint-mismatch` listing weights that do not fit
 */
export function decodeModel(
  files: {
    readonly model: string;
    readonly config: string;
    readonly weights: Uint8Array;
    readonly fitted?: Uint8Array | undefined;
    /** What the model searches: vectors, and identifiers with texts. */
    readonly index?: Uint8Array | undefined;
    readonly entries?: string | undefined;
    /** Further files by name whose checksums are compared: those of encoders and of the adapter. */
    readonly others?: ReadonlyMap<string, Uint8Array>;
  },
  where: string,
  options: DecodeOptions = {},
): Model {
  const json = parseJson(files.model, `${where}/model.json`);
  const checked = checkFolder(
    [modelFileNames.model, json],
    new Map<string, string | Uint8Array>([
      [modelFileNames.config, files.config],
      [modelFileNames.weights, files.weights],
      ...(files.fitted === undefined ? [] : [[modelFileNames.fitted, files.fitted] as const]),
      ...(files.index === undefined ? [] : [[modelFileNames.index, files.index] as const]),
      ...(files.entries === undefined ? [] : [[modelFileNames.entries, files.entries] as const]),
      ...(files.others ?? []),
    ]),
    where,
  );
  const saved = validate(modelSchema, json, {
    code: "bad-file",
    what: "model.json",
    where,
  });
  const { network } = decodeNetwork(parseJson(files.config, `${where}/config.json`), where, architecturesOf(options));
  const { tensors } = readSafetensors(files.weights, `${where}/model.safetensors`);
  checkDepth(network, tensors.size, where);
  checkEncoders(network, saved.preparation, where);
  const backbone = {
    network,
    weights: undefined,
    preparation: saved.preparation,
    ...(saved.columns === undefined ? {} : { columns: saved.columns }),
  };
  const task = createTask(saved.task, options);
  const { attached, data: reading } = saved;
  const parts = {
    task,
    backbone,
    attached: attached && {
      config: attached,
      apply: (graph: Parameters<typeof applyAdapter>[0]) => applyAdapter(graph, attached).graph,
    },
    ...(files.fitted === undefined
      ? {}
      : { fitted: readSafetensors(files.fitted, `${where}/fitted.safetensors`).tensors }),
  };
  const shape = new Model({ ...parts, weights: new Map() });
  const graph = building(where, () => shape.graph(shortTypes(shape.plan(1).parts), 1, boundsOf(tensors)));
  const weights = checkWeights(graph, tensors, { where });
  checkFinite(weights, `${where}/model.safetensors`);
  checkFinite(shape.fitted, `${where}/fitted.safetensors`);
  const { index, entries } = files;
  const searched =
    index === undefined || entries === undefined ? undefined : decodeIndex({ vectors: index, entries }, where);
  return new Model({ ...parts, reading, searched, checked, weights });
}
