import { z } from "zod";
import { keysIn, readPublishedConfig } from "../layers/published-config.ts";
import { type ScgptConfig, scgptConfigSchema } from "./scgpt.ts";

const poolings = { cls: "token", "avg-pool": "meanOfAll", "w-pool": "weighted" } as const;
const cellDecoders = {
  "inner product": "innerProduct",
  "inner product, detach": "innerProductDetached",
  "concat query": "concatQuery",
  "sum query": "sumQuery",
} as const;

/** An option that is off here, and the reason why it cannot be on. */
const off = (reason: string) => z.union([z.literal(false), z.null()], { error: reason }).optional();

const argumentsSchema = z.object({
  ntoken: z.int(),
  d_model: z.int(),
  nhead: z.int(),
  d_hid: z.int(),
  nlayers: z.int(),
  nlayers_cls: z.int().optional(),
  padding_idx: z.int().nullish(),
  dropout: z.number().default(0.5),
  use_batch_labels: z.boolean().default(false),
  num_batch_labels: z.int().nullish(),
  input_emb_style: z.enum(["continuous", "category", "scaling"]).optional(),
  n_input_bins: z.int().nullish(),
  cell_emb_style: z.enum(["cls", "avg-pool", "w-pool"]).default("cls"),
  mvc_decoder_style: z
    .enum(["inner product", "inner product, detach", "concat query", "sum query"])
    .default("inner product"),
  explicit_zero_prob: z.boolean().optional(),
  domain_spec_batchnorm: z.union([z.boolean(), z.enum(["dsbn", "do_affine", "batchnorm"])]).nullish(),
  use_generative_training: off("the generator, in which genes to come attend to known ones, is not built"),
  // FlashAttention computes the same numbers.
  use_fast_transformer: z.boolean().optional(),
  fast_transformer_backend: z.literal("flash", { error: "linear attention is not built" }).optional(),
  pre_norm: off("it holds in the layers of FlashAttention alone, where the normalised input is added back"),
  use_sim_decoder: off("the classifier by similarity is not built"),
});

/** Words of `domain_spec_batchnorm`; `true` is a normalization for each batch of cells. */
const batchNorms = { dsbn: "eachBatch", do_affine: "eachBatchAffine", batchnorm: "shared" } as const;

/** What decides which heads there are, which follow from the task, and what acts on losses and batches. */
const neutralKeys = keysIn("n_cls pad_token pad_value vocab do_mvc do_dab ecs_threshold vocab_special");

/**
 * Configuration from the arguments of scGPT's `TransformerModel` (`scgpt/model/model.py`).
 *
 * @throws VesaliusError `bad-configuration` where arguments are missing or ask for what is not built
 */
export function scgptFromArguments(given: unknown): ScgptConfig {
  const origin = "these arguments are no scGPT that can be built";
  const read = readPublishedConfig(origin, argumentsSchema, given, { neutral: neutralKeys });
  const norm = read.domain_spec_batchnorm === true ? "dsbn" : read.domain_spec_batchnorm || undefined;
  return readPublishedConfig(origin, scgptConfigSchema, {
    vocabularySize: read.ntoken,
    width: read.d_model,
    depth: read.nlayers,
    heads: read.nhead,
    hiddenWidth: read.d_hid,
    classifierLayers: read.nlayers_cls,
    paddingToken: read.padding_idx ?? null,
    dropout: read.dropout,
    values: read.input_emb_style,
    valueBins: read.n_input_bins ?? undefined,
    pooling: poolings[read.cell_emb_style],
    cellDecoder: cellDecoders[read.mvc_decoder_style],
    explicitZeros: read.explicit_zero_prob,
    // Batches without a number are refused below, as the original does.
    batchLabels: read.use_batch_labels ? (read.num_batch_labels ?? 0) : undefined,
    batchNorm: norm === undefined ? undefined : batchNorms[norm],
    domains: norm === "dsbn" || norm === "do_affine" ? (read.num_batch_labels ?? 0) : undefined,
  });
}
