import { z } from "zod";
import {
  add,
  cast,
  concat,
  divide,
  equal,
  exp,
  expand,
  full,
  gather,
  maximum,
  multiply,
  reduceMax,
  reduceSum,
  reshape,
  scatterNDAdd,
  sigmoid,
  split,
  stopGradient,
  subtract,
  tanh,
  unsqueeze,
  type Value,
  where,
} from "../../graph/index.ts";
import { linearLayer } from "../layers/linear.ts";

/** How the vectors of a molecule's atoms become one; `set2set` reads them several times. */
export const moleculePoolingSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.enum(["mean", "sum", "max", "attention"]) }),
  z.strictObject({ kind: z.literal("set2set"), steps: z.int().positive().max(9) }),
]);

/** How the vectors of a molecule's atoms become one. */
export type MoleculePooling = z.infer<typeof moleculePoolingSchema>;

/** Sums rows into the places that `places` `[rows]` names: `[count, width]`. */
export function sumInto(count: number, places: Value, rows: Value): Value {
  const indices = reshape(cast(places, "int64"), [places.shape[0]!, 1]);
  return scatterNDAdd(full(rows.graph, [count, rows.shape[1]!], 0), indices, rows);
}

/**
 * Mean of the atoms of each molecule; zero for a molecule without atoms.
 *
 * @param atoms `[atoms, width]`
 * @param molecule number of each atom's molecule `[atoms]`, int32 or int64
 * @returns `[molecules, width]`
 */
export function meanOverMolecules(atoms: Value, molecule: Value, molecules: number): Value {
  const ones = full(atoms.graph, [atoms.shape[0]!, 1], 1);
  return divide(sumInto(molecules, molecule, atoms), maximum(sumInto(molecules, molecule, ones), 1));
}

/** Below every number that a network gives. */
const nothing = -3e38;

/** Largest number of each feature over the atoms of each molecule; zero for a molecule without atoms. */
function maximumOverMolecules(atoms: Value, molecule: Value, molecules: number): Value {
  const { graph } = atoms;
  const [count, width] = atoms.shape as [number, number];
  const numbers = Int32Array.from({ length: molecules }, (_, i) => i);
  const rows = graph.constant({ dtype: "int32", shape: [molecules, 1], data: numbers });
  const belongs = equal(rows, reshape(cast(molecule, "int32"), [1, count]));
  const every = expand(unsqueeze(atoms, [0]), [molecules, count, width]);
  const largest = reduceMax(where(unsqueeze(belongs, [2]), every, graph.scalar(nothing)), [1], {
    keepDimensions: false,
  });
  const inhabited = reduceMax(cast(belongs, "float32"), [1]);
  return where(equal(inhabited, graph.scalar(1)), largest, graph.scalar(0));
}

/** Softmax of the scores `[atoms, 1]` over the atoms of each molecule. */
function softmaxOverMolecules(scores: Value, molecule: Value, molecules: number): Value {
  // The largest score takes no part in the result, only in how far it can be computed.
  const largest = stopGradient(maximumOverMolecules(scores, molecule, molecules));
  const weights = exp(subtract(scores, gather(largest, molecule)));
  return divide(weights, gather(sumInto(molecules, molecule, weights), molecule));
}

/**
 * Set2Set (Vinyals et al. 2016): an LSTM, `pool.lstm`, asks the atoms a question in each step, and reads what they answer
 * beside it in the next.
 *
 * @returns question and answer `[molecules, 2 * width]`
 */
function set2set(atoms: Value, molecule: Value, molecules: number, steps: number): Value {
  const width = atoms.shape[1]!;
  const gates = (x: Value, part: string): Value =>
    linearLayer(x, "pool.lstm", 4 * width, {
      initializer: { kind: "uniform", bound: width ** -0.5 },
      parameters: { weight: `pool.lstm.weight_${part}_l0`, bias: `pool.lstm.bias_${part}_l0` },
    });
  let question = full(atoms.graph, [molecules, width], 0);
  let cell = question;
  let both = full(atoms.graph, [molecules, 2 * width], 0);
  for (let step = 0; step < steps; step++) {
    const all = add(gates(both, "ih"), gates(question, "hh"));
    const [input, forget, fresh, output] = split(all, [width, width, width, width], 1) as [Value, Value, Value, Value];
    cell = add(multiply(sigmoid(forget), cell), multiply(sigmoid(input), tanh(fresh)));
    question = multiply(sigmoid(output), tanh(cell));
    const scores = reduceSum(multiply(atoms, gather(question, molecule)), [1]);
    const answer = sumInto(molecules, molecule, multiply(atoms, softmaxOverMolecules(scores, molecule, molecules)));
    both = concat([question, answer], 1);
  }
  return both;
}

/**
 * One vector for each molecule, as the `graph_pooling` of pretrain-gnns: the mean, sum or maximum of its atoms, their sum
 * weighted by a gate `pool.gate_nn`, or Set2Set. Zero for a molecule without atoms, except the question of Set2Set.
 *
 * @param atoms `[atoms, width]`
 * @param molecule number of each atom's molecule `[atoms]`, int32 or int64
 * @returns `[molecules, width]`, of twice the width by Set2Set
 */
export function poolMolecules(atoms: Value, molecule: Value, molecules: number, pooling: MoleculePooling): Value {
  switch (pooling.kind) {
    case "mean":
      return meanOverMolecules(atoms, molecule, molecules);
    case "sum":
      return sumInto(molecules, molecule, atoms);
    case "max":
      return maximumOverMolecules(atoms, molecule, molecules);
    case "attention": {
      const weights = softmaxOverMolecules(linearLayer(atoms, "pool.gate_nn", 1), molecule, molecules);
      return sumInto(molecules, molecule, multiply(weights, atoms));
    }
    default:
      return set2set(atoms, molecule, molecules, pooling.steps);
  }
}
