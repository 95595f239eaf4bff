import { z } from "zod";
import { cast } from "../../graph/index.ts";
import { linearLayer } from "../layers/linear.ts";
import { meanOverPlaces } from "../layers/pooling.ts";
import { stackedLayer } from "../layers/stacked-layer.ts";
import { architectureEntry, type Network } from "../network.ts";
import { inputOf, known } from "../network-inputs.ts";
import { type PerformerConfig, performerConfigSchema, performerStates } from "./performer.ts";

const role = "expression";

/** Settings of scBERT: bins of expression as tokens, a vector for each gene. */
const settingsSchema = performerConfigSchema.extend({
  /** Genes, each with a vector; as many as the encoder has where it is left out. */
  maximumLength: z.int().positive().optional(),
});

function scbertNetwork(settings: z.output<typeof settingsSchema>): Network {
  const config = (): PerformerConfig =>
    performerConfigSchema.parse({
      ...settings,
      maximumLength: known(settings.maximumLength, "maximumLength", "scbert"),
    });
  const network: Network = {
    name: "scbert",
    config: settings,
    reads: { [role]: { name: "genes", values: "bins", bins: settings.vocabularySize - 1 } },
    fitted(preparation) {
      const vocabulary = preparation[role]?.["vocabulary"];
      if (!Array.isArray(vocabulary)) return network;
      return scbertNetwork({ ...settings, maximumLength: settings.maximumLength ?? vocabulary.length });
    },
    features(inputs) {
      const tokens = cast(inputOf(inputs, role, "values"), "int32");
      const mask = inputs[role]!["mask"];
      const given = { tokens, positions: inputOf(inputs, role, "genes"), ...(mask === undefined ? {} : { mask }) };
      const { encodings } = performerStates(given, config());
      return {
        pooled: meanOverPlaces(encodings, mask),
        places: encodings,
        ...(mask === undefined ? {} : { mask }),
      };
    },
    layers: settings.depth,
    layerOf: stackedLayer(settings.depth, /^performer\.net\.layers\.(\d+)\./, /^(token_emb|pos_emb)\./),
    heads: {
      classes: ({ pooled }, outputs) => ({ logits: linearLayer(pooled, "classifier", outputs) }),
      // The bin of each gene's value.
      vocabulary: ({ places }) => ({ logits: linearLayer(places!, "to_out", settings.vocabularySize) }),
    },
    mayDiffer: (parameter) => (/^(to_out|classifier)\./.test(parameter) ? "either" : undefined),
  };
  return network;
}

/** scBERT in the catalogue of architectures. */
export const scbertArchitecture = architectureEntry({
  name: "scbert",
  summary: "Performer over the genes of a cell and the bins of their expression, with the parameter names of scBERT",
  paper:
    "Yang et al. 2022, scBERT as a large-scale pretrained deep language model for cell type annotation of single-cell RNA-seq data",
  settings: settingsSchema,
  roles: { [role]: "expressions" },
  presets: {
    nano: { width: 16, depth: 1, heads: 2, headWidth: 8 },
    micro: { width: 64, depth: 2, heads: 4, headWidth: 16 },
    base: {},
  },
  create: scbertNetwork,
});
