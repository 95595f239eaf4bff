import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { type RotaryScaling, yarnMagnitude } from "./rotary-scaling.ts";

const factor = z.number().positive();
const positions = z.int().positive();
/** What may stand beside the keys of every kind. */
const beside = { rope_theta: factor.nullish(), partial_rotary_factor: factor.max(1).nullish() };
const maybe = { original_max_position_embeddings: positions.nullish() };
const optional = factor.nullish();

/** Keys of each `rope_type` of transformers' `modeling_rope_utils.py`. */
const kinds = {
  default: z.strictObject({ rope_type: z.literal("default"), ...beside }),
  linear: z.strictObject({ rope_type: z.literal("linear"), factor, ...beside }),
  // The length that it was first trained on is that of the configuration, whatever stands beside.
  dynamic: z.strictObject({ rope_type: z.literal("dynamic"), factor, ...maybe, ...beside }),
  yarn: z.strictObject({
    rope_type: z.literal("yarn"),
    factor: optional,
    attention_factor: optional,
    beta_fast: optional,
    beta_slow: optional,
    mscale: optional,
    mscale_all_dim: optional,
    truncate: z.boolean().nullish(),
    ...maybe,
    ...beside,
  }),
  llama3: z.strictObject({
    rope_type: z.literal("llama3"),
    factor,
    low_freq_factor: factor,
    high_freq_factor: factor,
    ...maybe,
    ...beside,
  }),
  longrope: z.strictObject({
    rope_type: z.literal("longrope"),
    short_factor: z.array(factor),
    long_factor: z.array(factor),
    factor: optional,
    attention_factor: optional,
    ...maybe,
    ...beside,
  }),
};
type Kind = keyof typeof kinds;
type Parameters = { [K in Kind]: z.output<(typeof kinds)[K]> }[Kind];

const loose = z.record(z.string(), z.unknown());

/** `rope_scaling` of transformers 4, with its first spelling `type`, or `rope_parameters` of transformers 5. */
const parametersSchema = loose.transform((given, context): Parameters => {
  const { type, rope_type: named, ...rest } = given;
  const refuse = (message: string, path: string): typeof z.NEVER => {
    context.addIssue({ code: "custom", message, path: [path] });
    return z.NEVER;
  };
  if (type !== undefined && named !== undefined && type !== named)
    return refuse(`the types ${JSON.stringify(type)} and ${JSON.stringify(named)} contradict each other`, "rope_type");
  const spelled = named ?? type ?? "default";
  // Phi-3's first name of it.
  const kind = spelled === "su" ? "longrope" : spelled;
  if (typeof kind !== "string" || !Object.hasOwn(kinds, kind))
    return refuse(
      `the type ${JSON.stringify(spelled)} of rotary positions is not supported, only ${Object.keys(kinds).join(", ")}`,
      "rope_type",
    );
  const read = kinds[kind as Kind].safeParse({ ...rest, rope_type: kind });
  if (read.success) return read.data;
  for (const { message, path } of read.error.issues) context.addIssue({ code: "custom", message, path: [...path] });
  return z.NEVER;
});

/** Keys of a `config.json` that say how positions turn queries and keys. */
export const rotaryKeys = {
  max_position_embeddings: positions,
  rope_theta: factor.nullish(),
  rope_scaling: parametersSchema.nullish(),
  rope_parameters: parametersSchema.nullish(),
  partial_rotary_factor: factor.max(1).nullish(),
  /** Of Phi-3, beside the keys of LongRoPE. */
  original_max_position_embeddings: positions.nullish(),
};

/** Rotary positions in this library's words. */
export interface RotarySettings {
  readonly rotaryTheta: number;
  readonly rotaryFraction: number;
  readonly rotaryScaling?: RotaryScaling | undefined;
}

function scalingOf(given: Parameters, original: number, longest: number): RotaryScaling | undefined {
  switch (given.rope_type) {
    case "default":
      return undefined;
    case "linear":
      return { kind: "linear", factor: given.factor };
    case "dynamic":
      return { kind: "dynamic", factor: given.factor, originalPositions: longest };
    case "llama3":
      return {
        kind: "llama3",
        factor: given.factor,
        lowFrequencyFactor: given.low_freq_factor,
        highFrequencyFactor: given.high_freq_factor,
        originalPositions: original,
      };
    case "yarn": {
      const stretch = given.factor ?? longest / original;
      const { mscale, mscale_all_dim: all } = given;
      const weighted = mscale && all ? yarnMagnitude(stretch, mscale) / yarnMagnitude(stretch, all) : undefined;
      return {
        kind: "yarn",
        factor: stretch,
        originalPositions: original,
        attentionFactor: given.attention_factor ?? weighted ?? yarnMagnitude(stretch),
        betaFast: given.beta_fast ?? 32,
        betaSlow: given.beta_slow ?? 1,
        truncate: given.truncate ?? true,
      };
    }
    default: {
      const stretch = given.factor ?? longest / original;
      return {
        kind: "longrope",
        shortFactors: given.short_factor,
        longFactors: given.long_factor,
        originalPositions: original,
        attentionFactor:
          given.attention_factor ?? (stretch <= 1 ? 1 : Math.sqrt(1 + Math.log(stretch) / Math.log(original))),
      };
    }
  }
}

/**
 * Rotary positions from the keys of a `config.json`.
 *
 * @param read what a schema with `rotaryKeys` gave
 * @param usualTheta base where the file names none
 * @throws VesaliusError `bad-configuration` where `rope_scaling` and `rope_parameters` contradict each other
 */
export function rotaryFromKeys(read: z.output<z.ZodObject<typeof rotaryKeys>>, usualTheta = 10000): RotarySettings {
  const { rope_scaling: old, rope_parameters: current, max_position_embeddings: longest } = read;
  const kept = ({ rope_theta: _theta, partial_rotary_factor: _share, ...rest }: Parameters): string =>
    JSON.stringify(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)));
  if (old && current && kept(old) !== kept(current))
    throw new VesaliusError("bad-configuration", "rope_scaling and rope_parameters contradict each other", {
      fix: "keep the one that the checkpoint was trained with",
    });
  const given = current ?? old ?? { rope_type: "default" as const };
  const original =
    ("original_max_position_embeddings" in given ? given.original_max_position_embeddings : undefined) ??
    read.original_max_position_embeddings ??
    longest;
  const scaling = scalingOf(given, original, longest);
  return {
    rotaryTheta: given.rope_theta ?? read.rope_theta ?? usualTheta,
    rotaryFraction: given.partial_rotary_factor ?? read.partial_rotary_factor ?? 1,
    ...(scaling === undefined ? {} : { rotaryScaling: scaling }),
  };
}

const names: Readonly<Record<string, string>> = {
  originalPositions: "original_max_position_embeddings",
  attentionFactor: "attention_factor",
  betaFast: "beta_fast",
  betaSlow: "beta_slow",
  lowFrequencyFactor: "low_freq_factor",
  highFrequencyFactor: "high_freq_factor",
  shortFactors: "short_factor",
  longFactors: "long_factor",
};

/** Rotary positions in keys that transformers 4 and 5 understand. */
export function rotaryToKeys({ rotaryTheta, rotaryFraction, rotaryScaling }: RotarySettings) {
  const { kind, ...rest } = rotaryScaling ?? { kind: undefined };
  const parameters = Object.entries(rest).filter(([key, value]) => !(key === "truncate" && value === true));
  return {
    rope_theta: rotaryTheta,
    ...(rotaryFraction === 1 ? {} : { partial_rotary_factor: rotaryFraction }),
    ...(kind === undefined
      ? {}
      : {
          rope_scaling: {
            rope_type: kind,
            ...Object.fromEntries(parameters.map(([key, value]) => [names[key] ?? key, value])),
          },
        }),
  };
}
