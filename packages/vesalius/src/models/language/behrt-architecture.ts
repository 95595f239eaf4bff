import { z } from "zod";
import type { Spec } from "../../common/catalogue.ts";
import { validate } from "../../common/check.ts";
import { VesaliusError } from "../../common/errors.ts";
import { stackedLayer } from "../layers/stacked-layer.ts";
import { architectureEntry, type Network } from "../network.ts";
import { inputOf, known } from "../network-inputs.ts";
import { suggestBehrt } from "../suggestions/behrt.ts";
import { bertConfigOf, type BehrtConfig, behrtLayers, type BehrtSettings, behrtSettingsSchema } from "./behrt.ts";
import { bertHeads, poolBert } from "./bert-architecture.ts";

const role = "timeline";

/** What a fitted encoder says of the tables that it needs: special tokens are five, see the encoder `timelineTokens`. */
const fittedSchema = z.object({
  vocabulary: z.array(z.string()),
  ageUnit: z.enum(["year", "month"]).default("year"),
  maximumAge: z.int().default(110),
  valueBins: z.int().default(0),
  maximumLength: z.int().default(512),
});

const specialTokens = 5;

/** Rows of tables that a fitted encoder needs. */
function fittedRows(spec: Spec): Required<Pick<BehrtSettings, "vocabularySize" | "ageRows" | "valueRows">> & {
  readonly longest: number;
} {
  const { vocabulary, ageUnit, maximumAge, valueBins, maximumLength } = fittedSchema.parse(spec);
  return {
    vocabularySize: vocabulary.length + specialTokens,
    ageRows: maximumAge * (ageUnit === "year" ? 1 : 12) + 2,
    valueRows: valueBins === 0 ? 0 : valueBins + 1,
    longest: maximumLength,
  };
}

function fit(settings: BehrtSettings, spec: Spec): BehrtSettings {
  if (spec["vocabulary"] === undefined) return settings;
  const { longest, ...needed } = fittedRows(spec);
  if (longest > settings.maximumPositions)
    throw new VesaliusError(
      "bad-configuration",
      `timelines have up to ${longest} tokens, the network ${settings.maximumPositions} positions`,
      { fix: "lower maximumLength of the timelines, or give a network without weights more positions" },
    );
  const { vocabularySize = needed.vocabularySize, ageRows = needed.ageRows } = settings;
  const sizes = { vocabularySize, ageRows, valueRows: Math.max(settings.valueRows, needed.valueRows) };
  const short = (["vocabularySize", "ageRows"] as const).find((key) => sizes[key]! < needed[key]!);
  if (short !== undefined)
    throw new VesaliusError("bad-configuration", `the timelines need ${needed[short]} rows of ${short}`, {
      where: `behrt, whose table has ${sizes[short]}`,
      fix: "take the encoder that came with the weights, or leave the setting out for a network without weights",
    });
  return { ...settings, ...sizes };
}

function behrtNetwork(settings: BehrtSettings): Network {
  const config = (): BehrtConfig => ({
    ...settings,
    vocabularySize: known(settings.vocabularySize, "vocabularySize", "behrt"),
    ageRows: known(settings.ageRows, "ageRows", "behrt"),
  });
  const bert = () => bertConfigOf(config());
  return {
    name: "behrt",
    config: settings,
    reads: { [role]: { name: "timelineTokens", maximumLength: settings.maximumPositions } },
    fitted({ [role]: spec }) {
      return behrtNetwork(spec === undefined ? settings : fit(settings, spec));
    },
    features(inputs, mode) {
      const read = (name: string) => inputOf(inputs, role, name);
      const { values, mask } = inputs[role] ?? {};
      const tokens = read("tokens");
      const layers = behrtLayers(
        {
          tokens,
          ages: read("ages"),
          segments: read("segments"),
          positions: read("positions"),
          ...(values === undefined ? {} : { values }),
          ...(mask === undefined ? {} : { mask }),
        },
        config(),
        mode,
      );
      const places = layers.hidden.at(-1)!;
      return {
        pooled: poolBert(places, mask, bert()),
        places,
        ...(mask === undefined ? {} : { mask }),
        also: { tokens },
      };
    },
    layers: settings.depth,
    layerOf: stackedLayer(settings.depth, /^bert\.encoder\.layer\.(\d+)\./, /^bert\.embeddings\./),
    heads: bertHeads(bert),
    // A decoder that is tied to the table of codes is stored a second time.
    mayDiffer: (parameter) =>
      parameter.startsWith("cls.predictions.decoder.")
        ? "left"
        : /^(classifier|cls)\.|^bert\.pooler\./.test(parameter)
          ? "either"
          : undefined,
    toFile: () => behrtToFile(config()),
  };
}

const fileSchema = z.strictObject({
  model_type: z.enum(["behrt", "vesalius-behrt"]).optional(),
  vocab_size: z.int(),
  age_vocab_size: z.int(),
  seg_vocab_size: z.int(),
  value_vocab_size: z.int().default(0),
  hidden_size: z.int(),
  num_hidden_layers: z.int(),
  num_attention_heads: z.int(),
  intermediate_size: z.int(),
  max_position_embeddings: z.int(),
  hidden_act: z.literal("gelu").default("gelu"),
  hidden_dropout_prob: z.number().default(0.1),
  attention_probs_dropout_prob: z.number().default(0.1),
  initializer_range: z.number().default(0.02),
  layer_norm_eps: z.literal(1e-12).default(1e-12),
});

/** Configuration with the keys of the published implementation; one with values, which it does not have, is none of its own. */
const behrtToFile = (config: BehrtConfig): Readonly<Record<string, unknown>> => ({
  model_type: config.valueRows === 0 ? "behrt" : "vesalius-behrt",
  vocab_size: config.vocabularySize,
  age_vocab_size: config.ageRows,
  seg_vocab_size: config.tokenTypes,
  ...(config.valueRows === 0 ? {} : { value_vocab_size: config.valueRows }),
  hidden_size: config.width,
  num_hidden_layers: config.depth,
  num_attention_heads: config.heads,
  intermediate_size: config.hiddenWidth,
  max_position_embeddings: config.maximumPositions,
  hidden_act: "gelu",
  hidden_dropout_prob: config.dropout,
  attention_probs_dropout_prob: config.attentionDropout,
  initializer_range: config.initializerRange,
});

/** BEHRT in the catalogue of architectures. */
export const behrtArchitecture = architectureEntry({
  name: "behrt",
  summary: "BERT over patients' timelines: vectors of codes, ages, segments and visits, with BEHRT's parameter names",
  paper: "Li et al. 2020, BEHRT: Transformer for Electronic Health Records",
  settings: behrtSettingsSchema,
  roles: { [role]: "timelines" },
  presets: {
    nano: { width: 16, depth: 1, heads: 2, hiddenWidth: 32, dropout: 0 },
    micro: { width: 64, depth: 2, heads: 4, hiddenWidth: 128 },
    base: {},
  },
  suggest: suggestBehrt,
  create: behrtNetwork,
  fromFile(json) {
    if (!("age_vocab_size" in json && "seg_vocab_size" in json)) return undefined;
    const read = validate(fileSchema, json, { code: "bad-configuration", what: "config.json of BEHRT" });
    return {
      settings: behrtSettingsSchema.parse({
        vocabularySize: read.vocab_size,
        ageRows: read.age_vocab_size,
        valueRows: read.value_vocab_size,
        width: read.hidden_size,
        depth: read.num_hidden_layers,
        heads: read.num_attention_heads,
        hiddenWidth: read.intermediate_size,
        maximumPositions: read.max_position_embeddings,
        tokenTypes: read.seg_vocab_size,
        dropout: read.hidden_dropout_prob,
        attentionDropout: read.attention_probs_dropout_prob,
        initializerRange: read.initializer_range,
      }),
    };
  },
});
