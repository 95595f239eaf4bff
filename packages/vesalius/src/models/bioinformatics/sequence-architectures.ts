import { z } from "zod";
import { concat } from "../../graph/index.ts";
import { placesOf, textRole, tokenNetwork } from "../language/token-network.ts";
import { linearLayer } from "../layers/linear.ts";
import { meanOverPlaces } from "../layers/pooling.ts";
import { stackedLayer } from "../layers/stacked-layer.ts";
import { architectureEntry, type Network } from "../network.ts";
import { known } from "../network-inputs.ts";
import { type Esm2Config, esm2ConfigSchema, esm2Contacts, esm2Logits, esm2States } from "./esm2.ts";
import { hyenaDna, hyenaDnaClassifier, type HyenaDnaConfig, hyenaDnaConfigSchema, hyenaDnaLogits } from "./hyenadna.ts";

/** Rows of the table of tokens; as many as the tokenizer has tokens where they are left out. */
const vocabularySize = z.int().positive().optional();

const esm2SettingsSchema = esm2ConfigSchema.extend({ vocabularySize });

function esm2Network(settings: z.output<typeof esm2SettingsSchema>): Network {
  const config = (): Esm2Config =>
    esm2ConfigSchema.parse({ ...settings, vocabularySize: known(settings.vocabularySize, "vocabularySize", "esm2") });
  return tokenNetwork({
    name: "esm2",
    settings,
    again: esm2Network,
    special: { paddingToken: "padding", endToken: "end", maskToken: "mask" },
    build({ tokens, mask }) {
      const { representations, attentions } = esm2States(tokens, config(), mask);
      const places = representations.at(-1)!;
      return {
        pooled: meanOverPlaces(places, mask),
        places,
        ...(mask === undefined ? {} : { mask }),
        also: { attentions: concat(attentions, 1) },
      };
    },
    layers: settings.depth,
    layerOf: stackedLayer(settings.depth, /^layers\.(\d+)\./, /^embed_tokens\./),
    heads: {
      vocabulary: (features) => ({ logits: esm2Logits(placesOf(features), config()) }),
      classes: ({ pooled }, outputs) => ({ logits: linearLayer(pooled, "classifier", outputs) }),
      tokens: (features, outputs) => ({ logits: linearLayer(placesOf(features), "classifier", outputs) }),
      // Probabilities that two residues touch, as published; one number for each pair, whatever is asked for.
      contacts: ({ also }) => ({ contacts: esm2Contacts(also!["tokens"]!, [also!["attentions"]!], config()) }),
    },
    mayDiffer(parameter) {
      if (/^(lm_head|contact_head|classifier)\./.test(parameter)) return "either";
      return parameter.endsWith(".rot_emb.inv_freq") ? "left" : undefined;
    },
  });
}

/** ESM-2 in the catalogue of architectures. */
export const esm2Architecture = architectureEntry({
  name: "esm2",
  summary: "Protein language model: pre-norm transformer with rotary positions, with the parameter names of ESM",
  paper: "Lin et al. 2023, Evolutionary-scale prediction of atomic-level protein structure with a language model",
  settings: esm2SettingsSchema,
  roles: { [textRole]: "sequences" },
  presets: {
    nano: { width: 16, depth: 1, heads: 2 },
    micro: { width: 64, depth: 3, heads: 4 },
    "8m": { width: 320, depth: 6, heads: 20 },
    "35m": { width: 480, depth: 12, heads: 20 },
    "150m": { width: 640, depth: 30, heads: 20 },
    "650m": {},
  },
  create: esm2Network,
});

const hyenaDnaSettingsSchema = hyenaDnaConfigSchema.extend({
  vocabularySize,
  maximumLength: hyenaDnaConfigSchema.shape.maximumLength.unwrap().default(1026),
});

function hyenaDnaNetwork(settings: z.output<typeof hyenaDnaSettingsSchema>): Network {
  const config = (): HyenaDnaConfig =>
    hyenaDnaConfigSchema.parse({
      ...settings,
      vocabularySize: known(settings.vocabularySize, "vocabularySize", "hyenaDna"),
    });
  return tokenNetwork({
    name: "hyenaDna",
    settings,
    again: hyenaDnaNetwork,
    longest: settings.maximumLength,
    build({ tokens, mask }) {
      const { hidden } = hyenaDna(tokens, config());
      return { pooled: meanOverPlaces(hidden, mask), places: hidden, ...(mask === undefined ? {} : { mask }) };
    },
    causal: true,
    layers: settings.depth,
    layerOf: stackedLayer(settings.depth, /^backbone\.layers\.(\d+)\./, /^backbone\.embeddings\./),
    heads: {
      vocabulary: (features) => ({ logits: hyenaDnaLogits(placesOf(features), config()) }),
      classes: ({ pooled }, outputs) => ({ logits: hyenaDnaClassifier(pooled, outputs) }),
    },
    mayDiffer(parameter) {
      if (parameter.startsWith("head.")) return "either";
      return parameter.startsWith("lm_head.") ? "left" : undefined;
    },
  });
}

/** HyenaDNA in the catalogue of architectures. */
export const hyenaDnaArchitecture = architectureEntry({
  name: "hyenaDna",
  summary: "Causal long convolutions over nucleotides, with the parameter names of HyenaDNA",
  paper: "Nguyen et al. 2023, HyenaDNA: Long-Range Genomic Sequence Modeling at Single Nucleotide Resolution",
  settings: hyenaDnaSettingsSchema,
  roles: { [textRole]: "sequences" },
  presets: {
    nano: { width: 16, depth: 1, hiddenWidth: 32, filterWidth: 8, filterPositions: 3 },
    micro: { width: 64, depth: 2, hiddenWidth: 256 },
    "tiny-1k": { width: 128, depth: 2, hiddenWidth: 512 },
    "small-32k": { maximumLength: 32770 },
  },
  create: hyenaDnaNetwork,
});
