import { VesaliusError } from "../common/errors.ts";
import {
  add,
  divide,
  emit,
  exp,
  gatherElements,
  identityMatrix,
  int,
  l2Normalize,
  matMul,
  maximum,
  meanOf,
  minimum,
  multiply,
  subtract,
  sumOf,
  transpose,
  type Value,
} from "../graph/index.ts";
import { type Features, symmetricCrossEntropy } from "../models/index.ts";

/** Far below any scaled cosine, so that its exponential vanishes beside them. */
const excluded = -1e4;

/** Largest scale that training may reach (Radford et al. 2021, section 2.5). */
const largestScale = 100;

/** Temperature that a learned scale starts with (Radford et al. 2021). */
const firstTemperature = 0.07;

/**
 * What cosines of pairs are multiplied by, scalar.
 *
 * @param temperature its reciprocal; where it is left out the scale is learned, the network's own where it has one
 */
export function pairScale({ pooled: { graph }, also }: Features, temperature: number | undefined): Value {
  if (temperature !== undefined) return graph.scalar(1 / temperature);
  if (also?.["scale"] !== undefined) return also["scale"];
  const logarithm = graph.parameter("contrast.logit_scale", [], {
    kind: "constant",
    value: Math.log(1 / firstTemperature),
  });
  return minimum(exp(logarithm), largestScale);
}

/**
 * Two towers of features by role.
 *
 * @throws VesaliusError `bad-configuration` for a network without these towers, or with vectors of two widths
 */
export function towerPair({ towers = {} }: Features, roles: readonly [string, string]): [first: Value, second: Value] {
  const [first, second] = roles.map((role) => towers[role]?.pooled);
  if (first === undefined || second === undefined)
    throw new VesaliusError("bad-configuration", `the network has no towers ${roles.join(" and ")}`, {
      where: "backbone",
      fix:
        Object.keys(towers).length > 1
          ? `name two of ${Object.keys(towers).join(", ")}`
          : "choose a network with two towers, such as dualTower",
    });
  if (first.shape[1] !== second.shape[1])
    throw new VesaliusError(
      "bad-configuration",
      `the towers give vectors of ${first.shape[1]} and ${second.shape[1]} numbers, which cannot be compared`,
      { where: "backbone", fix: "give both towers a projection to one width" },
    );
  return [first, second];
}

/** Cosines of every first with every second of a batch. */
export interface PairCosines {
  /** `[rows, rows]` */
  readonly cosines: Value;
  /** 1 where row and column belong together, the diagonal among them, float32 `[rows, rows]`. */
  readonly together: Value;
}

/**
 * Compares two sides of a batch, of which row i of one belongs to row i of the other.
 *
 * @param first `[rows, width]`
 * @param second `[rows, width]`
 * @param related 1 where a first also belongs to the second of another row, float32 `[rows, rows]`
 */
export function comparePairs(first: Value, second: Value, related?: Value): PairCosines {
  const cosines = matMul(l2Normalize(first), transpose(l2Normalize(second), [1, 0]));
  const own = identityMatrix(first.graph, first.shape[0]!);
  return { cosines, together: related === undefined ? own : maximum(own, related) };
}

/**
 * In-batch contrast in both directions (CLIP, Radford et al. 2021; DPR, Karpukhin et al. 2020): each first finds its
 * second among those of the batch, and the other way round. What also belongs to a row is no wrong answer: it is left out.
 *
 * @param scale of the cosines, scalar
 * @returns scalar
 */
export function pairContrastLoss({ cosines, together }: PairCosines, scale: Value): Value {
  const rows = cosines.shape[0]!;
  const others = subtract(together, identityMatrix(cosines.graph, rows));
  const logits = add(multiply(cosines, scale), multiply(others, excluded));
  return symmetricCrossEntropy(logits);
}

/**
 * Whether a contrast learns or collapses: the share of rows whose nearest counterpart belongs to them, and the mean cosine
 * of what belongs together and of what does not. Both means near 1 say that everything is mapped to one place.
 */
export function pairDiagnosis({ cosines, together }: PairCosines): Record<string, Value> {
  const mean = (values: Value, mask: Value): Value =>
    divide(sumOf(multiply(values, mask)), maximum(sumOf(mask), cosines.graph.scalar(1)));
  const apart = subtract(cosines.graph.scalar(1), together);
  // Of equal cosines the first counts, so that a collapsed network is right once a batch.
  const nearest = emit("ArgMax", [cosines], { axis: int(1), keepdims: int(1) });
  return {
    accuracy: meanOf(gatherElements(together, nearest, 1)),
    positiveCosine: mean(cosines, together),
    negativeCosine: mean(cosines, apart),
  };
}
