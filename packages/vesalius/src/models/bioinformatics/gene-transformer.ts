import { z } from "zod";
import type { Spec } from "../../common/catalogue.ts";
import { add, concat, full, multiply, slice, subtract, type Value } from "../../graph/index.ts";
import { VesaliusError } from "../../common/errors.ts";
import { architectureEntry, type Features, type HiddenPlaces, type Network, type Outputs } from "../network.ts";
import { inputOf, known } from "../network-inputs.ts";
import { type ExpressionPrediction, scgptCellExpression, scgptClassifier, scgptExpression } from "./scgpt-heads.ts";
import { scgpt, type ScgptConfig, scgptConfigSchema, scgptSettingsSchema } from "./scgpt.ts";
import { suggestGeneTransformer } from "../suggestions/gene-transformer.ts";

const role = "expression";

/** Settings of the gene transformer: those of scGPT, and which gene number is the class token. */
export const geneTransformerSettingsSchema = scgptSettingsSchema.safeExtend({
  paddingToken: z.int().nonnegative().nullable().default(null),
  /** Row of the class token, which the network puts in front of a cell's genes; follows from the vocabulary. */
  classToken: z.int().nonnegative().optional(),
});

/** Settings of the gene transformer. */
export type GeneTransformerSettings = z.infer<typeof geneTransformerSettingsSchema>;

/** Value that stands for a hidden one, as in scGPT: below every value, or the last bin. */
const hiddenValue = ({ values, valueBins }: GeneTransformerSettings): number =>
  values === "category" ? valueBins - 1 : -1;

/** Rows of the tables that a fitted encoder needs, and those of special tokens. */
function fittedGenes(spec: Spec): Partial<GeneTransformerSettings> {
  const { vocabulary, values, bins } = spec;
  if (!Array.isArray(vocabulary)) return {};
  // One more than the encoder's, for values that are hidden.
  const valueBins = values === "bins" && typeof bins === "number" ? { valueBins: bins + 1 } : {};
  const padding = vocabulary.indexOf("<pad>");
  const token = vocabulary.indexOf("<cls>");
  // A vocabulary of genes alone gets one more row for the class token.
  const added = token < 0 ? 1 : 0;
  return {
    ...valueBins,
    vocabularySize: vocabulary.length + added,
    classToken: token < 0 ? vocabulary.length : token,
    paddingToken: padding < 0 ? null : padding,
  };
}

/** Values of which some are hidden. */
function hide(values: Value, masked: Value | undefined, hidden: number): Value {
  if (masked === undefined) return values;
  return add(multiply(values, subtract(values.graph.scalar(1), masked)), multiply(masked, hidden));
}

/** Puts a column of one number in front. */
const inFront = (x: Value, value: number): Value => concat([full(x.graph, [x.shape[0]!, 1], value, x.dtype), x], 1);

const outputsOf = ({ values, expressedLogits }: ExpressionPrediction): Outputs => ({
  values,
  ...(expressedLogits === undefined ? {} : { expressedLogits }),
});

function geneNetwork(settings: GeneTransformerSettings): Network {
  const { classToken: _token, ...rest } = settings;
  const config = (): ScgptConfig =>
    scgptConfigSchema.parse({
      ...rest,
      vocabularySize: known(settings.vocabularySize, "vocabularySize", "geneTransformer"),
    });
  const features = (inputs: Readonly<Record<string, Value>>, hidden: HiddenPlaces, training: boolean): Features => {
    const { genes, values, mask } = inputs as Readonly<Record<"genes" | "values" | "mask", Value>>;
    const token = known(settings.classToken, "classToken", "geneTransformer");
    const padding = mask === undefined ? undefined : inFront(mask, 1);
    const expression = inFront(hide(values, hidden.masked, hiddenValue(settings)), 0);
    const found = scgpt(inFront(genes, token), expression, config(), padding, { training });
    const length = found.hidden.shape[1]!;
    return {
      pooled: found.cell,
      places: slice(found.hidden, 1, 1, length),
      leading: slice(found.hidden, 1, 0, 1),
      ...(mask === undefined ? {} : { mask }),
      also: { genes: slice(found.genes, 1, 1, length) },
    };
  };
  const network: Network = {
    name: "geneTransformer",
    config: settings,
    reads: { [role]: { name: "genes" } },
    fitted(preparation) {
      const spec = preparation[role];
      if (spec === undefined) return network;
      const fitted = fittedGenes(spec);
      const rows = settings.vocabularySize;
      if (rows !== undefined && fitted.vocabularySize !== undefined && fitted.vocabularySize > rows)
        throw new VesaliusError(
          "bad-configuration",
          `the vocabulary has ${fitted.vocabularySize} genes and special tokens, the network's table ${rows} rows`,
          { fix: "take the vocabulary that came with the weights" },
        );
      return geneNetwork({ ...settings, ...fitted, ...(rows === undefined ? {} : { vocabularySize: rows }) });
    },
    features(inputs, { training, hidden }) {
      for (const name of ["genes", "values"]) inputOf(inputs, role, name);
      return features(inputs[role]!, hidden?.[role] ?? {}, training);
    },
    hides: { [role]: ["masked"] },
    layers: settings.depth,
    layerOf(parameter) {
      const layer = /^transformer_encoder\.layers\.(\d+)\./.exec(parameter);
      if (layer !== null) return Number(layer[1]) + 1;
      return /^(encoder|value_encoder)\./.test(parameter) ? 0 : settings.depth + 1;
    },
    heads: {
      classes: ({ pooled }, outputs) => ({ logits: scgptClassifier({ cell: pooled }, config(), outputs) }),
      // Values of hidden genes, from their own states and from the cell's vector alone.
      expression: ({ places }) => outputsOf(scgptExpression({ hidden: places! }, config())),
      cellExpression: ({ pooled, also }) =>
        outputsOf(scgptCellExpression({ genes: also!["genes"]!, cell: pooled }, config())),
    },
    // Decoders of other heads, and an adversary of batches.
    mayDiffer(parameter) {
      if (/^(cls_decoder|decoder|mvc_decoder|grad_reverse_discriminator)\./.test(parameter)) return "either";
      // Vectors of batches, which the decoders of values see, and of genes to generate: the encoder sees neither.
      return /^(batch_encoder|flag_encoder)\./.test(parameter) ? "left" : undefined;
    },
  };
  return network;
}

/** The gene transformer in the catalogue of architectures. */
export const geneTransformerArchitecture = architectureEntry({
  name: "geneTransformer",
  summary: "Transformer over the genes of a cell and their expression, with the parameter names of scGPT",
  paper: "Cui et al. 2024, scGPT: toward building a foundation model for single-cell multi-omics using generative AI",
  settings: geneTransformerSettingsSchema,
  roles: { [role]: "expressions" },
  presets: {
    nano: { width: 16, depth: 1, heads: 2, hiddenWidth: 16, classifierLayers: 1 },
    micro: { width: 64, depth: 2, heads: 4, hiddenWidth: 128 },
    small: { width: 128, depth: 4, heads: 4, hiddenWidth: 256 },
    base: {},
  },
  suggest: suggestGeneTransformer,
  create: geneNetwork,
});
