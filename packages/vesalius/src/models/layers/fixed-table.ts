import { type Graph, stopGradient, type Tensor, type Value } from "../../graph/index.ts";

const fixedNames = [
  "final_logits_bias",
  "fast_attention.projection_matrix",
  "filter_fn.pos_emb.z",
  "filter_fn.pos_emb.t",
  "filter_fn.modulation.deltas",
  "embeddings.posi_embeddings.weight",
];

/**
 * Whether a parameter is a table that checkpoints hold and training leaves as it is: random features, positions,
 * decays. See also `isBuffer` for statistics that the forward pass replaces.
 */
export const isFixedTable = (name: string): boolean =>
  fixedNames.some((fixed) => name === fixed || name.endsWith(`.${fixed}`));

/** A table that is stored with the weights under a name of `isFixedTable`; no gradient flows to it. */
export const fixedTable = (graph: Graph, name: string, tensor: Tensor): Value =>
  stopGradient(graph.buffer(name, tensor.shape, { kind: "values", tensor }));
