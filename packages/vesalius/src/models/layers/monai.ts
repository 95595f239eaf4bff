import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { type BlockActivation, blockActivationSchema, type BlockNorm, blockNormSchema } from "./convolution-block.ts";

/** A name, or a name with arguments, as MONAI writes normalizations and activations. */
const namedSchema = z.union([z.string(), z.tuple([z.string(), z.looseObject({})])]);
type Named = z.output<typeof namedSchema>;

const partsOf = (named: Named): readonly [kind: string, given: Readonly<Record<string, unknown>>] =>
  typeof named === "string" ? [named.toLowerCase(), {}] : [named[0].toLowerCase(), named[1]];

/** Arguments that MONAI's layers take and that change nothing: memory use, and what PyTorch has by default. */
const isUsual = (key: string, value: unknown): boolean =>
  key === "inplace" ||
  (key === "eps" && value === 1e-5) ||
  (key === "momentum" && value === 0.1) ||
  (key === "approximate" && value === "none") ||
  (key === "num_parameters" && value === 1);

/** The arguments that were given, in this library's words, or undefined where one is none of those. */
function renamed(
  given: Readonly<Record<string, unknown>>,
  names: Readonly<Record<string, string>>,
): Record<string, unknown> | undefined {
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(given)) {
    if (isUsual(key, value)) continue;
    const name = names[key];
    if (name === undefined) return undefined;
    result[name] = value;
  }
  return result;
}

const activationNames: Readonly<Record<string, readonly [BlockActivation["kind"], Readonly<Record<string, string>>]>> =
  {
    relu: ["relu", {}],
    relu6: ["relu6", {}],
    sigmoid: ["sigmoid", {}],
    tanh: ["tanh", {}],
    celu: ["celu", { alpha: "alpha" }],
    selu: ["selu", {}],
    swish: ["silu", {}],
    silu: ["silu", {}],
    memswish: ["silu", {}],
    gelu: ["gelu", {}],
    mish: ["mish", {}],
    leakyrelu: ["leakyRelu", { negative_slope: "slope" }],
    elu: ["elu", { alpha: "alpha" }],
    prelu: ["prelu", { init: "slope" }],
  };

const normNames: Readonly<Record<string, readonly [BlockNorm["kind"], Readonly<Record<string, string>>]>> = {
  instance: ["instance", { affine: "affine", eps: "epsilon" }],
  instance_nvfuser: ["instance", { affine: "affine", eps: "epsilon" }],
  batch: ["batch", { eps: "epsilon", momentum: "momentum" }],
  syncbatch: ["batch", { eps: "epsilon", momentum: "momentum" }],
  group: ["group", { num_groups: "groups", eps: "epsilon" }],
};

/** Normalizations that stand for another thing than their name says, or that a network of several resolutions cannot have. */
const refusedNorms: Readonly<Record<string, string>> = {
  layer: "its shape is that of the last axes, which is another one at each resolution",
  localresponse: "it divides by neighbouring channels, which is not built",
};

function read<T>(
  what: string,
  names: Readonly<Record<string, readonly [string, Readonly<Record<string, string>>]>>,
  schema: z.ZodType<T>,
  defaults: (kind: string) => Readonly<Record<string, unknown>>,
) {
  return namedSchema.transform((named, context): T => {
    const [name, given] = partsOf(named);
    const found = names[name];
    const settings = found === undefined ? undefined : renamed(given, found[1]);
    const parsed = schema.safeParse({ ...defaults(name), ...settings, kind: found?.[0] });
    if (settings !== undefined && parsed.success) return parsed.data;
    const reason = what === "normalization" && Object.hasOwn(refusedNorms, name) ? `: ${refusedNorms[name]}` : "";
    context.addIssue({ code: "custom", message: `the ${what} ${JSON.stringify(named)} is not supported${reason}` });
    return z.NEVER;
  });
}

/** MONAI's `act`: `"PRELU"` or `["LeakyReLU", { "negative_slope": 0.1 }]`. */
export const monaiActivationSchema = read("activation", activationNames, blockActivationSchema, () => ({}));

/** MONAI's `norm`: `"INSTANCE"`, whose layers have no scale and bias unless told so, or `["group", { "num_groups": 4 }]`. */
export const monaiBlockNormSchema = read("normalization", normNames, blockNormSchema, (kind) =>
  kind === "instance" ? { affine: false } : {},
);

/** A nonlinearity in MONAI's words. */
export function monaiActivation(activation: BlockActivation): Named {
  switch (activation.kind) {
    case "leakyRelu":
      return ["LeakyReLU", { negative_slope: activation.slope }];
    case "elu":
    case "celu":
      return [activation.kind.toUpperCase(), { alpha: activation.alpha }];
    case "prelu":
      return ["PReLU", { init: activation.slope }];
    default:
      return activation.kind === "silu" ? "SWISH" : activation.kind.toUpperCase();
  }
}

/** A normalization in MONAI's words. */
export function monaiNorm(norm: BlockNorm): Named {
  const epsilon = norm.epsilon === undefined ? {} : { eps: norm.epsilon };
  if (norm.kind === "instance") return ["INSTANCE", { affine: norm.affine, ...epsilon }];
  if (norm.kind === "group") return ["GROUP", { num_groups: norm.groups, ...epsilon }];
  const { momentum } = norm;
  if (norm.epsilon === undefined && momentum === undefined) return "BATCH";
  return ["BATCH", { ...epsilon, ...(momentum === undefined ? {} : { momentum }) }];
}

/** MONAI's order of normalization, dropout and activation: each letter once at most. */
export const monaiOrderSchema = z.string().regex(/^(?!.*(.).*\1)[NDA]*$/, "is no order of N, D and A");

/**
 * MONAI's extents, one for all axes or one for each.
 *
 * @param what is being read, to begin the message with
 * @param axes number of spatial axes; that of the extents, or three, where it is left out
 * @throws VesaliusError `bad-configuration` where there are not as many extents as axes
 */
export function monaiExtents(what: string, extents: number | readonly number[], axes?: number): readonly number[] {
  if (typeof extents === "number") return Array.from({ length: axes ?? 3 }, () => extents);
  if (axes === undefined || axes === extents.length) return extents;
  throw new VesaliusError("bad-configuration", `${what}: ${extents.length} extents do not fit spatial_dims ${axes}`, {
    fix: "give one extent for each spatial axis",
  });
}

/** Keys of a MONAI bundle's `network_def` that decide nothing of the network. */
export const monaiNeutralKeys = ["_target_", "_desc_", "_requires_", "_disabled_", "spatial_dims", "dimensions"];
