import { z } from "zod";
import {
  add,
  concat,
  gather,
  type Graph,
  type Initializer,
  maximum,
  relu,
  select,
  type Value,
} from "../../graph/index.ts";
import { linearLayer } from "../layers/linear.ts";
import { batchNormLayer, type ForwardMode } from "../layers/normalization.ts";
import { keysIn, readPublishedConfig } from "../layers/published-config.ts";
import { mlp } from "../layers/transformer.ts";
import { sumInto } from "./molecule-pooling.ts";

/** Configuration of a graph isomorphism network over molecules; the defaults are those of pretrain-gnns. */
export const ginConfigSchema = z.strictObject({
  width: z.int().positive().default(300),
  depth: z.int().positive().default(5),
  atomTypes: z.int().positive().default(120),
  chiralities: z.int().positive().default(3),
  /** Types of bonds, the self loop and the masked bond among them. */
  bondTypes: z.int().positive().default(6),
  bondDirections: z.int().positive().default(3),
  /** Bond type of the loop that each atom has to itself. */
  selfLoopBond: z.int().nonnegative().default(4),
  /** What becomes of the vectors of all layers, the atom's own included: the last, side by side, their maximum, their sum. */
  jumpingKnowledge: z.enum(["last", "concat", "max", "sum"]).default("last"),
});

/** Configuration of a graph isomorphism network over molecules. */
export type GinConfig = z.infer<typeof ginConfigSchema>;

/** Molecules side by side as one graph. Batches of a fixed size are filled with a molecule of unbound atoms. */
export interface MoleculeInputs {
  /** Atom type and chirality `[atoms, 2]`, int32 or int64. */
  readonly atoms: Value;
  /** Atoms at both ends of each bond `[2, bonds]`, each bond in both directions. */
  readonly bonds: Value;
  /** Bond type and direction `[bonds, 2]`. */
  readonly bondFeatures: Value;
}

const argumentsSchema = z.object({
  num_layer: z.int().optional(),
  emb_dim: z.int().optional(),
  JK: z.enum(["last", "concat", "max", "sum"]).optional(),
  gnn_type: z.literal("gin", { error: "only the layers of GIN are built" }).optional(),
});

/**
 * Configuration from the arguments of `GNN` in pretrain-gnns (`chem/model.py`); `graph_pooling` is one of `poolMolecules`.
 *
 * @throws VesaliusError `bad-configuration` where arguments ask for layers of another kind
 */
export function ginFromArguments(given: unknown): GinConfig {
  const origin = "these arguments are no GIN of pretrain-gnns";
  const neutral = keysIn("drop_ratio num_tasks graph_pooling");
  const read = readPublishedConfig(origin, argumentsSchema, given, { neutral });
  return readPublishedConfig(origin, ginConfigSchema, {
    width: read.emb_dim,
    depth: read.num_layer,
    jumpingKnowledge: read.JK,
  });
}

const tableStart: Initializer = { kind: "xavierUniform" };

/** Sum of the rows of two tables, as two embeddings of one thing. */
function pairEmbedding(graph: Graph, names: readonly [string, string], rows: readonly [number, number], width: number) {
  const tables = names.map((name, i) => graph.parameter(`${name}.weight`, [rows[i]!, width], tableStart));
  return (indices: readonly [Value, Value]): Value =>
    add(gather(tables[0]!, indices[0]), gather(tables[1]!, indices[1]));
}

const columns = (x: Value): readonly [Value, Value] => [select(x, 1, 0), select(x, 1, 1)];

/** One layer: every atom sums its neighbours with the vectors of their bonds, and a perceptron follows. */
function ginLayer(x: Value, inputs: MoleculeInputs, name: string, config: GinConfig): Value {
  const { graph } = x;
  const [atoms, width] = x.shape as [number, number];
  const bond = pairEmbedding(
    graph,
    [`${name}.edge_embedding1`, `${name}.edge_embedding2`],
    [config.bondTypes, config.bondDirections],
    width,
  );
  const [source, target] = [select(inputs.bonds, 0, 0), select(inputs.bonds, 0, 1)];
  const messages = add(gather(x, source), bond(columns(inputs.bondFeatures)));
  const loop = bond([graph.scalar(config.selfLoopBond, "int32"), graph.scalar(0, "int32")]);
  const summed = add(sumInto(atoms, target, messages), add(x, loop));
  return mlp(summed, `${name}.mlp`, 2 * width, { activation: relu, names: ["0", "2"] });
}

/**
 * Graph isomorphism network with bond vectors (Xu et al. 2019; Hu et al. 2020) with the parameter names of
 * snap-stanford/pretrain-gnns (`chem/model.py`). In training mode the running statistics of its batch normalizations
 * are further outputs of the graph; see `batchNormLayer`.
 *
 * With `jumpingKnowledge` of `sum` the layers are summed, as its documentation says; its code keeps the first atom alone.
 *
 * @param prefix of the parameter names, `gnn.` in task models
 * @returns vector of each atom `[atoms, width]`, `[atoms, (depth + 1) * width]` where the layers stand side by side
 */
export function ginAtoms(inputs: MoleculeInputs, config: GinConfig, mode: ForwardMode, prefix = "gnn."): Value {
  const { width, depth } = config;
  const atom = pairEmbedding(
    inputs.atoms.graph,
    [`${prefix}x_embedding1`, `${prefix}x_embedding2`],
    [config.atomTypes, config.chiralities],
    width,
  );
  let x = atom(columns(inputs.atoms));
  const layers = [x];
  for (let i = 0; i < depth; i++) {
    const before = x;
    x = before.graph.block(`${prefix}gnns.${i}`, () => {
      const passed = ginLayer(before, inputs, `${prefix}gnns.${i}`, config);
      const y = batchNormLayer(passed, `${prefix}batch_norms.${i}`, mode);
      return i === depth - 1 ? y : relu(y);
    });
    layers.push(x);
  }
  if (config.jumpingKnowledge === "concat") return concat(layers, 1);
  if (config.jumpingKnowledge === "max") return layers.reduce((largest, layer) => maximum(largest, layer));
  if (config.jumpingKnowledge === "sum") return layers.reduce((total, layer) => add(total, layer));
  return x;
}

/** Prediction head on molecules, `graph_pred_linear`: logits `[molecules, tasks]`. */
export const moleculeHead = (pooled: Value, tasks: number): Value => linearLayer(pooled, "graph_pred_linear", tasks);
