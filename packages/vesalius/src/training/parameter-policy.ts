import type { Value } from "../graph/index.ts";

/** How one parameter is trained. */
export interface ParameterPolicy {
  /** Weight decay; the optimizer's own where it is left out. */
  readonly weightDecay?: number;
  /** Multiplies the learning rate; 1 where it is left out. */
  readonly learningRateScale?: number;
}

/** Weight decay on matrices and kernels only: the usual choice, as biases, norms and tokens are better left free. */
export const decayMatrices =
  (names: (name: string) => boolean = () => true) =>
  (parameter: Value): ParameterPolicy | undefined => {
    if (!names(parameter.name)) return undefined;
    const exempt =
      parameter.shape.filter((extent) => extent > 1).length < 2 ||
      /(pos_embed|cls_token|mask_token)$/.test(parameter.name);
    return exempt ? { weightDecay: 0 } : {};
  };
