import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import {
  concat,
  copyNode,
  expand,
  formatShape,
  type Graph,
  type Initializer,
  reshape,
  rewrite,
  slice,
} from "../../graph/index.ts";

/** Settings of prompt tuning; names and meaning as in PEFT's `PromptTuningConfig`. */
export const promptTuningSchema = z.strictObject({
  virtualTokens: z.int().positive().default(20),
  /** Name of the table of token vectors, `transformer.wte.weight` for GPT-2. */
  table: z.string().min(1),
});

/** Settings of prompt tuning. */
export type PromptTuningConfig = z.infer<typeof promptTuningSchema>;

/** Name of the learned prompts in a graph. PEFT's adapter files call them `prompt_embeddings`. */
export const promptParameter = "prompt_encoder.embedding.weight";

/** Starting vectors of prompts, as those of PyTorch's Embedding. */
export const promptInit: Initializer = { kind: "normal", standardDeviation: 1 };

/**
 * Prompt tuning (Lester et al. 2021) as a graph rewrite: learned vectors `[virtualTokens, width]` stand in front of the
 * vectors of the tokens.
 *
 * Shapes are static, so the graph is built for the prompts and the text together: the first `virtualTokens` places of
 * its token input hold any valid token (their vectors are not used), its padding mask holds 1 there, and labels hold
 * the ignored one.
 *
 * @throws VesaliusError `bad-configuration` when no tokens are looked up in the table; `shape-mismatch` when a
 * sequence has no room for text behind the prompts
 */
export function applyPromptTuning(graph: Graph, config: PromptTuningConfig): Graph {
  const { virtualTokens, table } = config;
  let found = false;
  const result = rewrite(graph, {
    node: (node, inputs, target) => {
      if (node.type !== "Gather" || node.inputs[0]?.name !== table || node.inputs[0].kind !== "parameter")
        return undefined;
      const vectors = copyNode(node, inputs, target)[0]!;
      const [batch, length, width] = vectors.shape as [number, number, number];
      if (vectors.rank !== 3 || length <= virtualTokens)
        throw new VesaliusError(
          "shape-mismatch",
          `${virtualTokens} prompts leave no text in ${formatShape(vectors.shape)}`,
          {
            where: node.name,
            fix: "build the graph for a sequence of the prompts and the text together",
          },
        );
      found = true;
      const prompts = target.parameter(promptParameter, [virtualTokens, width], promptInit);
      const placed = expand(reshape(prompts, [1, virtualTokens, width]), [batch, virtualTokens, width]);
      return [concat([placed, slice(vectors, 1, virtualTokens, length)], 1)];
    },
  }).graph;
  if (!found)
    throw new VesaliusError("bad-configuration", `no tokens are looked up in a parameter "${table}"`, {
      fix: `name the table of tokens among: ${[...graph.parameters.keys()].slice(0, 20).join(", ")}`,
    });
  return result;
}
