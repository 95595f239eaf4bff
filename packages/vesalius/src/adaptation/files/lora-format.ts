import { z } from "zod";
import type { Tensors } from "../../graph/index.ts";
import { keysIn } from "../../models/index.ts";
import { loraAlpha } from "../fine-tuning/lora-config.ts";
import { type AdapterFormat, parsePeft, plainTargets, savedModules, withoutPrefix } from "./format.ts";

const isEmpty = (given: unknown): boolean =>
  given === undefined ||
  given === null ||
  given === false ||
  (typeof given === "object" && Object.keys(given).length === 0);

/** A key that asks for something that is not implemented here, unless it is empty. */
const absent = z.unknown().refine(isEmpty, "this kind of LoRA is not implemented").optional();
/** A pattern of PEFT is a regular expression; a name, with an anchor in front at most, means the same here. */
const nameSchema = z.string().regex(/^\^?[\w.-]+$/, "only names of modules, no regular expressions");

/** How a factor starts, and what only acts beside a key that is refused. */
const neutralKeys = keysIn(
  "target_modules layers_to_transform layers_pattern loftq_config eva_config corda_config lora_ga_config megatron_core " +
    "qalora_group_size",
);

/** The keys of PEFT's `adapter_config.json` that change what an adapter computes. */
const configSchema = z.object({
  peft_type: z.literal("LORA"),
  r: z.int().positive(),
  lora_alpha: z.number().positive(),
  lora_dropout: z.number().min(0).lt(1).default(0),
  bias: z.enum(["none", "lora_only", "all"]).default("none"),
  use_dora: z.boolean().default(false),
  use_rslora: z.boolean().default(false),
  // Read off the graph, which knows it for each layer.
  fan_in_fan_out: z.boolean().default(false),
  rank_pattern: z.record(nameSchema, z.int().positive()).nullish(),
  alpha_pattern: z.record(nameSchema, z.number().positive()).nullish(),
  // PiSSA, OLoRA and the like take the start of the factors out of the base's weights, which the files do not hold.
  init_lora_weights: z.union([z.boolean(), z.enum(["gaussian", "eva", "orthogonal"])]).nullish(),
  lora_bias: absent,
  layer_replication: absent,
  use_qalora: absent,
  target_parameters: absent,
  trainable_token_indices: absent,
  alora_invocation_tokens: absent,
});

const ownParameter = /\.lora_(?:[AB]\.weight|embedding_[AB]|magnitude_vector)$/;

/** Modules that the entries adapt. */
const adaptedModules = (weights: Tensors): string[] => [
  ...new Set(
    [...weights.keys()].filter((name) => ownParameter.test(name)).map((name) => name.replace(ownParameter, "")),
  ),
];

/** Settings by module; PEFT's patterns know no `*`, so that one with it becomes the names that it matched. */
const byModule = (patterns: Readonly<Record<string, number>>, modules: readonly string[]): Record<string, number> =>
  Object.fromEntries(
    Object.entries(patterns).flatMap(([pattern, value]) =>
      plainTargets([pattern], modules).map((module) => [module, value]),
    ),
  );

const withoutAnchors = (patterns: Readonly<Record<string, number>> | null | undefined): Record<string, number> =>
  Object.fromEntries(Object.entries(patterns ?? {}).map(([name, value]) => [name.replace("^", ""), value]));

/** PEFT's files of LoRA, DoRA and rsLoRA. */
export const loraFormat: AdapterFormat<"lora"> = {
  write: (adapter) => {
    const { config } = adapter;
    const keys = (modules: readonly string[]) => ({
      r: config.rank,
      lora_alpha: loraAlpha(config),
      lora_dropout: config.dropout,
      bias: config.bias === "loraOnly" ? "lora_only" : config.bias,
      use_dora: config.dora,
      use_rslora: config.rankStabilized,
      rank_pattern: byModule(config.rankPattern, modules),
      alpha_pattern: byModule(config.alphaPattern, modules),
      init_lora_weights: true,
    });
    return savedModules("LORA", adapter, ownParameter, config.targets, keys, config.bias !== "none");
  },
  read: ({ config, tensors }, where) => {
    const keys = parsePeft(configSchema, "LoRA that can be read", config, where, neutralKeys);
    const weights = withoutPrefix(tensors, where);
    // PEFT also names modules by regular expressions, by the numbers of layers and by what to leave out; what was
    // meant stands in the entries.
    const listed = z.array(z.string()).min(1).safeParse(config["target_modules"]);
    const narrowed = config["layers_to_transform"] ?? config["exclude_modules"];
    const plain = listed.success && (narrowed === null || narrowed === undefined);
    return {
      config: {
        type: "lora",
        rank: keys.r,
        alpha: keys.lora_alpha,
        dropout: keys.lora_dropout,
        targets: plain ? listed.data : adaptedModules(weights),
        rankStabilized: keys.use_rslora,
        dora: keys.use_dora,
        bias: keys.bias === "lora_only" ? "loraOnly" : keys.bias,
        rankPattern: withoutAnchors(keys.rank_pattern),
        alphaPattern: withoutAnchors(keys.alpha_pattern),
      },
      weights,
      peft: { fan_in_fan_out: keys.fan_in_fan_out },
    };
  },
};
