import { z } from "zod";
import { entry } from "../common/catalogue.ts";
import { VesaliusError } from "../common/errors.ts";
import { type AdapterConfig, adapterSchema } from "./adapter.ts";
import { bottleneckSchema } from "./adapters/bottleneck.ts";
import { ia3Schema } from "./adapters/ia3.ts";
import { loraSchema } from "./fine-tuning/lora-config.ts";
import type { AdaptationMethod } from "./method.ts";
import { prefixTuningSchema } from "./prompts/prefix-tuning.ts";
import { roomForPrompts } from "./prompts/room-for-prompts.ts";
import { promptTuningSchema } from "./prompts/prompt-tuning.ts";
import { visualPromptsSchema } from "./prompts/visual-prompts.ts";

/** A method that freezes the backbone and trains an adapter and the head. */
function adapterMethod(
  name: string,
  type: AdapterConfig["type"],
  options: object,
  learningRate: number,
): AdaptationMethod {
  const parsed = adapterSchema.safeParse({ ...options, type });
  if (!parsed.success) throw new VesaliusError("bad-configuration", `${name}: ${z.prettifyError(parsed.error)}`);
  const { type: _type, ...settings } = parsed.data;
  return {
    name,
    settings,
    defaults: { learningRate, epochs: 10, batchSize: 64, weightDecay: 0 },
    pretrained: true,
    adapter: parsed.data,
    policy: () => undefined,
  };
}

/**
 * Low-rank adaptation (Hu et al. 2022), with `dora` and `rankStabilized` its two refinements: small factors beside the
 * layers are trained and merged into the weights at the end. See `applyLora`.
 *
 * @throws VesaliusError `bad-configuration` for settings that do not work
 *
 * @example
 * const model = await adapt(backbone, classification(labels), { method: lora({ rank: 8 }), data });
 */
export const lora = (options: z.input<typeof loraSchema> = {}): AdaptationMethod =>
  adapterMethod("lora", "lora", options, 2e-3);

/**
 * Bottleneck adapters (Houlsby et al. 2019; Pfeiffer et al. 2021; He et al. 2022) in series with the layers or parallel
 * to modules; they stay in the graph. See `applyBottleneckAdapters`.
 *
 * @throws VesaliusError `bad-configuration` for settings that do not work
 */
export const bottleneckAdapter = (options: z.input<typeof bottleneckSchema> = {}): AdaptationMethod =>
  adapterMethod("bottleneckAdapter", "bottleneck", options, 1e-3);

/**
 * (IA)3 (Liu et al. 2022): learned factors on the results and inputs of layers, merged into the weights at the end. See
 * `applyIa3`.
 *
 * @throws VesaliusError `bad-configuration` for settings that do not work
 */
export const ia3 = (options: z.input<typeof ia3Schema> = {}): AdaptationMethod =>
  adapterMethod("ia3", "ia3", options, 5e-3);

/**
 * Prompt tuning (Lester et al. 2021): learned vectors in front of a text's; they stay in the graph. See
 * `applyPromptTuning`.
 *
 * @throws VesaliusError `bad-configuration` for settings that do not work
 */
export function promptTuning(options: z.input<typeof promptTuningSchema> = {}): AdaptationMethod {
  const method = adapterMethod("promptTuning", "promptTuning", options, 1e-2);
  const { virtualTokens } = promptTuningSchema.parse(options);
  return { ...method, prepare: (backbone) => roomForPrompts(backbone, virtualTokens) };
}

/** Settings of P-tuning: those of prompt tuning with a perceptron. */
const pTuningSchema = promptTuningSchema.extend({
  /** Hidden width of the perceptron that makes the vectors in training. */
  projectionWidth: z.int().positive().default(128),
});

/**
 * P-tuning (Liu et al. 2021, GPT Understands, Too): prompt tuning whose vectors are made by a perceptron, which training
 * moves together and which is left out of what is saved. See `applyPromptTuning`.
 *
 * @throws VesaliusError `bad-configuration` for settings that do not work
 */
export function pTuning(options: z.input<typeof pTuningSchema> = {}): AdaptationMethod {
  const parsed = pTuningSchema.safeParse(options);
  if (!parsed.success) throw new VesaliusError("bad-configuration", `pTuning: ${z.prettifyError(parsed.error)}`);
  return { ...promptTuning(given(parsed.data)), name: "pTuning" };
}

/**
 * Prefix tuning (Li and Liang 2021): learned keys and values in every attention; they stay in the graph. See
 * `applyPrefixTuning`.
 *
 * @throws VesaliusError `bad-configuration` for settings that do not work
 */
export const prefixTuning = (options: z.input<typeof prefixTuningSchema> = {}): AdaptationMethod =>
  adapterMethod("prefixTuning", "prefixTuning", options, 1e-2);

/**
 * Visual prompt tuning (Jia et al. 2022): learned tokens among the patches of a vision transformer; they stay in the
 * graph. See `applyVisualPrompts`.
 *
 * @throws VesaliusError `bad-configuration` for settings that do not work
 */
export const visualPrompts = (options: z.input<typeof visualPromptsSchema> = {}): AdaptationMethod =>
  adapterMethod("visualPrompts", "visualPrompts", options, 1e-2);

/** Settings that were given, without those that are left to a method's own choice. */
const given = <Settings extends object>(settings: Settings) =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Settings]: Exclude<Settings[Key], undefined>;
  };

/** The methods that train an adapter, in the catalogue of methods. */
export const adapterMethods = [
  entry({
    name: "lora",
    summary: "Trains low-rank factors beside the layers and merges them into the weights.",
    settings: loraSchema,
    create: (settings) => lora(given(settings)),
    paper: "Hu et al. 2022",
  }),
  entry({
    name: "bottleneckAdapter",
    summary: "Trains small networks in series with the layers or parallel to them, which stay in the graph.",
    settings: bottleneckSchema,
    create: (settings) => bottleneckAdapter(given(settings)),
    paper: "Houlsby et al. 2019",
  }),
  entry({
    name: "ia3",
    summary: "Trains factors on the results and inputs of layers and merges them into the weights.",
    settings: ia3Schema,
    create: (settings) => ia3(given(settings)),
    paper: "Liu et al. 2022",
  }),
  entry({
    name: "prefixTuning",
    summary: "Trains keys and values in front of every attention, which stay in the graph.",
    settings: prefixTuningSchema,
    create: (settings) => prefixTuning(given(settings)),
    paper: "Li and Liang 2021",
  }),
  entry({
    name: "promptTuning",
    summary: "Trains vectors in front of a text, which stay in the graph.",
    settings: promptTuningSchema,
    create: (settings) => promptTuning(given(settings)),
    paper: "Lester et al. 2021",
  }),
  entry({
    name: "pTuning",
    summary: "Trains vectors in front of a text through a perceptron; the vectors stay in the graph.",
    settings: pTuningSchema,
    create: (settings) => pTuning(given(settings)),
    paper: "Liu et al. 2021",
  }),
  entry({
    name: "visualPrompts",
    summary: "Trains tokens among the patches of a vision transformer, which stay in the graph.",
    settings: visualPromptsSchema,
    create: (settings) => visualPrompts(given(settings)),
    paper: "Jia et al. 2022",
  }),
] as const;
