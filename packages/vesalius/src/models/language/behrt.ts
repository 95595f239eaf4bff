import { z } from "zod";
import type { Tensor } from "../../common/tensor.ts";
import { add, gather, type Value } from "../../graph/index.ts";
import { VesaliusError } from "../../common/errors.ts";
import { dropoutLayer } from "../layers/dropout.ts";
import { fixedTable } from "../layers/fixed-table.ts";
import { layerNormLayer } from "../layers/linear.ts";
import type { ForwardMode } from "../layers/normalization.ts";
import { type BertConfig, bertConfigSchema, type BertLayers, bertLayersOn } from "./bert.ts";
import { bertInit } from "./bert-embeddings.ts";

/** Share of numbers that training drops, in [0, 1). */
const rateSchema = z.number().min(0).lt(1);

/** Settings of BEHRT; the defaults are those of the published model (Li et al. 2020). */
export const behrtSettingsSchema = z
  .strictObject({
    /** Rows of the table of codes; special tokens and the vocabulary of the timelines where it is left out. */
    vocabularySize: z.int().positive().optional(),
    /** Rows of the table of ages; as many as the timelines tell apart where it is left out. */
    ageRows: z.int().positive().optional(),
    /** Rows of the table of bins of values, which the published model does not have; 0 for none. */
    valueRows: z.int().nonnegative().default(0),
    width: z.int().positive().default(288),
    depth: z.int().positive().default(6),
    heads: z.int().positive().default(12),
    hiddenWidth: z.int().positive().default(512),
    /** Most tokens of a timeline. */
    maximumPositions: z.int().positive().default(512),
    tokenTypes: z.int().positive().default(2),
    epsilon: z.number().positive().default(1e-12),
    dropout: rateSchema.default(0.1),
    attentionDropout: rateSchema.default(0.1),
    /** Dropout in front of a classifier; that of the branches where it is left out. */
    classifierDropout: rateSchema.optional(),
    /** Deviation that weights start with. */
    initializerRange: z.number().positive().default(0.02),
    /** What stands for the patient: the pooled start token as published, or the mean (and maximum) of all tokens. */
    pooling: z.enum(["token", "mean", "meanAndMaximum"]).default("token"),
  })
  .refine(({ width, heads }) => width % heads === 0, {
    error: "the number of heads divides the width",
    path: ["heads"],
  });

/** Settings of BEHRT. */
export type BehrtSettings = z.infer<typeof behrtSettingsSchema>;
/** Settings of BEHRT with what fitting decides. */
export type BehrtConfig = BehrtSettings & { readonly vocabularySize: number; readonly ageRows: number };

/** Inputs of BEHRT. */
export interface BehrtInputs {
  /** Token numbers, int32 `[batch, tokens]`, as all that follow. */
  readonly tokens: Value;
  /** Rows of the table of ages. */
  readonly ages: Value;
  /** 0 and 1 by turns from visit to visit. */
  readonly segments: Value;
  /** Number of the visit. */
  readonly positions: Value;
  /** Bins of values, with `valueRows` only. */
  readonly values?: Value;
  /** 1 for tokens, 0 for padding, float32 `[batch, tokens]`. */
  readonly mask?: Value;
}

/** The encoder behind the embeddings, which is BERT's. */
export const bertConfigOf = (config: BehrtConfig): BertConfig => {
  const { ageRows: _ages, valueRows: _values, ...shared } = config;
  return bertConfigSchema.parse({ ...shared, paddingToken: null });
};

/**
 * Fixed vectors of the numbers of visits `[rows, width]`: sines and cosines with the published implementation's frequencies
 * (the exponent is twice the index of the dimension over the width, for even and odd dimensions alike), as large as the
 * vectors of codes start. Published as sines of 1, they are drawn anew with the other tables there, at that size; sines of
 * 1 would drown the codes.
 *
 * @param size root mean square of the numbers
 */
export function visitPositions(rows: number, width: number, size: number): Tensor {
  const data = Float32Array.from({ length: rows * width }, (_, i) => {
    const [row, index] = [Math.floor(i / width), i % width];
    const angle = row / 10000 ** ((2 * index) / width);
    return size * Math.SQRT2 * (index % 2 === 0 ? Math.sin(angle) : Math.cos(angle));
  });
  return { dtype: "float32", shape: [rows, width], data };
}

/**
 * All layers of BEHRT: the sum of the vectors of codes, segments, ages and visits, then BERT's encoder, with the parameter
 * names of the published implementation (deepmedicine/BEHRT, `model/MLM.py`).
 *
 * @throws VesaliusError `shape-mismatch` for more tokens than there are positions, `bad-configuration` where an input
 * `values` and the configuration do not agree
 */
export function behrtLayers(inputs: BehrtInputs, config: BehrtConfig, mode: ForwardMode, prefix = "bert."): BertLayers {
  const { tokens, ages, segments, positions, values, mask } = inputs;
  const { graph } = tokens;
  const { width, maximumPositions, valueRows } = config;
  if (tokens.shape[1]! > maximumPositions)
    throw new VesaliusError("shape-mismatch", `${tokens.shape[1]} tokens, but positions for ${maximumPositions}`, {
      fix: "lower maximumLength of the timelines, or raise maximumPositions of a network without weights",
    });
  if ((values !== undefined) !== valueRows > 0)
    throw new VesaliusError(
      "bad-configuration",
      values === undefined
        ? "the network reads values, and the timelines have none"
        : "the network has no table of values",
      { fix: "let valueRows of the network and valueBins of the timelines agree, or leave valueRows out" },
    );
  const bert = bertConfigOf(config);
  const own = (part: string): string => `${prefix}embeddings.${part}`;
  const look = (name: string, rows: number, at: Value): Value =>
    gather(graph.parameter(own(`${name}.weight`), [rows, width], bertInit(bert)), at);
  let x = add(
    look("word_embeddings", config.vocabularySize, tokens),
    look("segment_embeddings", config.tokenTypes, segments),
  );
  x = add(x, look("age_embeddings", config.ageRows, ages));
  x = add(
    x,
    gather(
      fixedTable(
        graph,
        own("posi_embeddings.weight"),
        visitPositions(maximumPositions, width, config.initializerRange),
      ),
      positions,
    ),
  );
  if (values !== undefined) x = add(x, look("value_embeddings", valueRows, values));
  x = dropoutLayer(layerNormLayer(x, own("LayerNorm"), config.epsilon), own("output"), config.dropout, mode);
  return bertLayersOn({ x, mask }, bert, mode, prefix);
}
