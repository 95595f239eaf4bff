import { VesaliusError } from "../common/errors.ts";
import { add, exp, l2Normalize, multiply, reduceSum, type Value } from "../graph/index.ts";
import type { Features } from "../models/index.ts";
import { towerPair } from "./pair-contrast.ts";

/**
 * Similarity of what two towers read: the cosine of their vectors, stretched by a positive factor and shifted, both learned
 * (Reimers and Gurevych 2019, Sentence-BERT, regression objective).
 *
 * @param roles of the network; it has two
 * @returns `[rows, 1]`
 * @throws VesaliusError `bad-configuration` for a network without two towers
 */
export function similarity(features: Features, roles: readonly string[]): Value {
  const [first, second, third] = roles;
  if (first === undefined || second === undefined || third !== undefined)
    throw new VesaliusError(
      "bad-configuration",
      `a cosine is between two towers, the network reads ${roles.join(", ")}`,
      {
        where: "task.from",
        fix: "choose a network with two towers, such as dualTower",
      },
    );
  const [a, b] = towerPair(features, [first, second]);
  const { graph } = a;
  const cosine = reduceSum(multiply(l2Normalize(a), l2Normalize(b)), [1]);
  const stretch = exp(graph.parameter("similarity.log_scale", [], { kind: "zeros" }));
  return add(multiply(cosine, stretch), graph.parameter("similarity.shift", [], { kind: "zeros" }));
}
