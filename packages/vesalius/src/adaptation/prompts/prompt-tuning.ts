import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import {
  concat,
  copyNode,
  expand,
  formatShape,
  Graph,
  type Initializer,
  type Node,
  relu,
  reshape,
  rewrite,
  slice,
  type Value,
} from "../../graph/index.ts";
import { linearLayer } from "../../models/index.ts";
import { type AdaptedGraph, addedParameters } from "../adapted-graph.ts";

/** Settings of prompt tuning; names and meaning as in PEFT's `PromptTuningConfig`. */
export const promptTuningSchema = z.strictObject({
  /** Number of learned vectors. */
  virtualTokens: z.int().positive().default(20),
  /**
   * Compute the vectors by a perceptron of this hidden width instead of learning them directly (P-tuning), as PEFT's
   * `PromptEncoder` of the kind MLP with `encoder_hidden_size`.
   */
  projectionWidth: z.int().positive().optional(),
  /**
   * Name of the table of token vectors, such as `transformer.wte.weight` for GPT-2; by default the largest one whose
   * rows an input of the graph names.
   */
  table: z.string().min(1).optional(),
});

/** Settings of prompt tuning. */
export type PromptTuningConfig = z.infer<typeof promptTuningSchema>;

/** Name of the learned prompts in a graph. PEFT's adapter files call them `prompt_embeddings`. */
export const promptParameter = "prompt_encoder.embedding.weight";

/** Starting vectors of prompts, as those of PyTorch's Embedding. */
export const promptInit: Initializer = { kind: "normal", standardDeviation: 1 };

/** The vectors, `[virtualTokens, width]`, as they are learned or as a perceptron makes them. */
function promptRows(target: Graph, width: number, { virtualTokens, projectionWidth }: PromptTuningConfig): Value {
  const rows = target.parameter(promptParameter, [virtualTokens, width], promptInit);
  if (projectionWidth === undefined) return rows;
  const first = relu(linearLayer(rows, "prompt_encoder.mlp_head.0", projectionWidth));
  const second = relu(linearLayer(first, "prompt_encoder.mlp_head.2", projectionWidth));
  return linearLayer(second, "prompt_encoder.mlp_head.4", width);
}

/** Computes what the perceptron makes of its vectors, which is all that is needed once it is trained. */
function settleGraph(width: number, config: PromptTuningConfig): Graph {
  const graph = new Graph("prompts");
  graph.output(`${promptParameter}.settled`, promptRows(graph, width, config));
  return graph;
}

/** The nodes that look tokens up: in the named table, or in the largest that an input of the graph points into. */
function lookups(graph: Graph, table: string | undefined): Node[] {
  const fed = (value: Value | undefined): boolean =>
    value?.kind === "input" || (value?.node?.type === "Cast" && fed(value.node.inputs[0]));
  const all = graph.nodes.filter(({ type, inputs: [rows] }) => type === "Gather" && rows?.kind === "parameter");
  if (table !== undefined) return all.filter(({ inputs }) => inputs[0]!.name === table);
  const candidates = all.filter(({ inputs }) => fed(inputs[1]));
  const largest = Math.max(...candidates.map(({ inputs }) => inputs[0]!.shape[0]!));
  return candidates.filter(({ inputs }) => inputs[0]!.shape[0] === largest);
}

/**
 * Prompt tuning (Lester et al. 2021) as a graph rewrite: learned vectors `[virtualTokens, width]` stand in front of the
 * vectors of the tokens; with `projectionWidth` P-tuning (Liu et al. 2021), whose perceptron is there for training alone.
 *
 * Shapes are static, so the graph is built for the prompts and the text together: the first `virtualTokens` places of
 * its token input hold any valid token (their vectors are not used), its padding mask holds 1 there, and labels hold
 * the ignored one. A graph for one token is left as it is: it goes on with a text whose prompts were read before.
 *
 * @throws VesaliusError `bad-configuration` when no tokens are looked up in the table; `shape-mismatch` when a
 * sequence has no room for text behind the prompts
 */
export function applyPromptTuning(graph: Graph, config: PromptTuningConfig): AdaptedGraph {
  const { virtualTokens, table } = config;
  const found = new Set(lookups(graph, table));
  if (found.size === 0)
    throw new VesaliusError(
      "bad-configuration",
      table === undefined ? "the graph looks no tokens up" : `no tokens are looked up in a parameter "${table}"`,
      { fix: `name the table of tokens among: ${[...graph.parameters.keys()].slice(0, 20).join(", ")}` },
    );
  let rows: Value | undefined;
  const result = rewrite(graph, {
    node: (node, inputs, target) => {
      if (!found.has(node)) return undefined;
      const vectors = copyNode(node, inputs, target)[0]!;
      const [batch, length, width] = vectors.shape as [number, number, number];
      rows ??= promptRows(target, width, config);
      // A single token goes on with a text whose prompts were read before it.
      if (vectors.rank === 3 && length === 1) return [vectors];
      if (vectors.rank !== 3 || length <= virtualTokens)
        throw new VesaliusError(
          "shape-mismatch",
          `${virtualTokens} prompts leave no text in ${formatShape(vectors.shape)}`,
          {
            where: node.name,
            fix: "build the graph for a sequence of the prompts and the text together",
          },
        );
      const placed = expand(reshape(rows, [1, virtualTokens, width]), [batch, virtualTokens, width]);
      return [concat([placed, slice(vectors, 1, virtualTokens, length)], 1)];
    },
  }).graph;
  const width = result.parameters.get(promptParameter)!.shape[1]!;
  return {
    graph: result,
    parameters: addedParameters(graph, result),
    ...(config.projectionWidth === undefined ? {} : { settle: settleGraph(width, config) }),
    peft: { token_dim: width },
  };
}
