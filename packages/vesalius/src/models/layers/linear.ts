import {
  elementCount,
  gemm,
  type Initializer,
  layerNorm,
  linear,
  reshape,
  rmsNorm,
  type Value,
} from "../../graph/index.ts";

/** Starting weights of transformers since BERT: normal with deviation 0.02, cut at two deviations. */
export const transformerInit: Initializer = { kind: "truncatedNormal", standardDeviation: 0.02 };

/** Options of `linearLayer`. */
export interface LinearLayerOptions {
  readonly bias?: boolean;
  readonly initializer?: Initializer;
  /** Order of the weight's axes: `outIn` as PyTorch's Linear, or `inOut` as the Conv1D of GPT-2's checkpoints. */
  readonly layout?: "outIn" | "inOut";
  /** Names of the parameters where they are not `${name}.weight` and `${name}.bias`. */
  readonly parameters?: { readonly weight: string; readonly bias: string };
}

/**
 * Linear layer with parameters `${name}.weight` `[features, inFeatures]` and `${name}.bias` `[features]`.
 *
 * @param x `[..., inFeatures]`
 * @returns `[..., features]`
 */
export function linearLayer(x: Value, name: string, features: number, options: LinearLayerOptions = {}): Value {
  return x.graph.scope(name, () => {
    const names = options.parameters ?? { weight: `${name}.weight`, bias: `${name}.bias` };
    const inFeatures = x.shape.at(-1)!;
    const inOut = options.layout === "inOut";
    const shape = inOut ? [inFeatures, features] : [features, inFeatures];
    const weight = x.graph.parameter(names.weight, shape, options.initializer ?? transformerInit);
    const bias = options.bias === false ? undefined : x.graph.parameter(names.bias, [features], { kind: "zeros" });
    if (!inOut) return linear(x, weight, bias);
    const lead = x.shape.slice(0, -1);
    return reshape(gemm(reshape(x, [elementCount(lead), inFeatures]), weight, bias), [...lead, features]);
  });
}

/**
 * Layer normalization over the last axis with parameters `${name}.weight` and `${name}.bias`.
 *
 * @param x `[..., width]`
 */
export function layerNormLayer(x: Value, name: string, epsilon: number, options: { bias?: boolean } = {}): Value {
  return x.graph.scope(name, () => {
    const width = x.shape.at(-1)!;
    const scale = x.graph.parameter(`${name}.weight`, [width], { kind: "ones" });
    const bias = options.bias === false ? undefined : x.graph.parameter(`${name}.bias`, [width], { kind: "zeros" });
    return layerNorm(x, scale, bias, epsilon);
  });
}

/**
 * Root-mean-square normalization over the last axis (Zhang and Sennrich 2019) with the parameter `${name}.weight`:
 * `x / sqrt(mean(x^2) + epsilon) * weight`.
 *
 * @param x `[..., width]`
 */
export function rmsNormLayer(x: Value, name: string, epsilon: number): Value {
  return x.graph.scope(name, () => {
    const scale = x.graph.parameter(`${name}.weight`, [x.shape.at(-1)!], { kind: "ones" });
    return rmsNorm(x, scale, epsilon);
  });
}
