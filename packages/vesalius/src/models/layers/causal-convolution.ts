import { convolution, slice, type Value } from "../../graph/index.ts";

/**
 * Short depthwise convolution in which a token sees itself and the `size - 1` tokens before it, with the parameters
 * `${name}.weight` `[channels, 1, size]` and `${name}.bias` `[channels]`.
 *
 * @param x `[batch, channels, length]`
 * @returns same shape
 */
export function causalConvolutionLayer(
  x: Value,
  name: string,
  size: number,
  options: { readonly bias?: boolean } = {},
): Value {
  const [, channels, length] = x.shape as [number, number, number];
  return x.graph.scope(name, () => {
    const weight = x.graph.parameter(`${name}.weight`, [channels, 1, size], { kind: "kaimingUniform" });
    const start = { kind: "uniform", bound: size ** -0.5 } as const;
    const bias = options.bias === false ? undefined : x.graph.parameter(`${name}.bias`, [channels], start);
    const padded = convolution(x, weight, bias, { padding: size - 1, groups: channels });
    return slice(padded, 2, 0, length);
  });
}
