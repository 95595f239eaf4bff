import { activationCases } from "./activations.test.cases.ts";
import type { OperatorEntry } from "./arbitraries.test.cases.ts";
import { arithmeticCases } from "./arithmetic.test.cases.ts";
import { attentionCases } from "./attention.test.cases.ts";
import { comparisonCases } from "./comparison.test.cases.ts";
import { constantCases } from "./constants.test.cases.ts";
import { convolutionCases } from "./convolution.test.cases.ts";
import { einsumCases } from "./einsum.test.cases.ts";
import { indexingCases } from "./indexing.test.cases.ts";
import { matrixProductCases } from "./matrix-products.test.cases.ts";
import { normalizationCases } from "./normalization.test.cases.ts";
import { orderingCases } from "./ordering.test.cases.ts";
import { piecewiseActivationCases } from "./piecewise-activations.test.cases.ts";
import { poolingCases } from "./pooling.test.cases.ts";
import { quantizationCases } from "./quantization.test.cases.ts";
import { reductionCases } from "./reductions.test.cases.ts";
import { resamplingCases } from "./resampling.test.cases.ts";
import { shapingCases } from "./shaping.test.cases.ts";

/** The table: random cases of every registered operator. */
export const operatorEntries: readonly OperatorEntry[] = [
  ...arithmeticCases,
  ...comparisonCases,
  ...activationCases,
  ...reductionCases,
  ...matrixProductCases,
  ...normalizationCases,
  ...shapingCases,
  ...indexingCases,
  ...constantCases,
  ...convolutionCases,
  ...poolingCases,
  ...piecewiseActivationCases,
  ...orderingCases,
  ...einsumCases,
  ...quantizationCases,
  ...resamplingCases,
  ...attentionCases,
];
