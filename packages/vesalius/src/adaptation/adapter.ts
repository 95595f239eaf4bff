import { z } from "zod";
import { float32Arithmetic, type Graph } from "../graph/index.ts";
import type { AdaptedGraph } from "./adapted-graph.ts";
import { applyBottleneckAdapters, bottleneckSchema } from "./adapters/bottleneck.ts";
import { applyIa3, ia3Schema } from "./adapters/ia3.ts";
import { applyLora } from "./fine-tuning/lora.ts";
import { loraSchema } from "./fine-tuning/lora-config.ts";
import { applyPrefixTuning, prefixTuningSchema } from "./prompts/prefix-tuning.ts";
import { applyPromptTuning, promptTuningSchema } from "./prompts/prompt-tuning.ts";
import { applyVisualPrompts, visualPromptsSchema } from "./prompts/visual-prompts.ts";

/** Settings of an adapter of any type. */
export const adapterSchema = z.discriminatedUnion("type", [
  loraSchema.extend({ type: z.literal("lora") }),
  ia3Schema.extend({ type: z.literal("ia3") }),
  bottleneckSchema.extend({ type: z.literal("bottleneck") }),
  promptTuningSchema.extend({ type: z.literal("promptTuning") }),
  prefixTuningSchema.extend({ type: z.literal("prefixTuning") }),
  visualPromptsSchema.extend({ type: z.literal("visualPrompts") }),
]);

/** Settings of an adapter of any type. */
export type AdapterConfig = z.infer<typeof adapterSchema>;

/**
 * Puts an adapter on a graph, built here or imported; the parameters that it adds start new. A graph that computes in
 * float16 or bfloat16 computes in float32 with an adapter; its inputs and outputs keep their element types, and so do
 * its weights, apart from bfloat16, which becomes float32.
 *
 * @throws VesaliusError `bad-configuration` where the graph has nothing that the settings name; see the functions of the
 * single types, such as `applyLora`
 */
export function applyAdapter(base: Graph, config: AdapterConfig): AdaptedGraph {
  const graph = float32Arithmetic(base);
  if (config.type === "lora") return applyLora(graph, config);
  if (config.type === "ia3") return applyIa3(graph, config);
  if (config.type === "bottleneck") return applyBottleneckAdapters(graph, config);
  if (config.type === "promptTuning") return applyPromptTuning(graph, config);
  if (config.type === "prefixTuning") return applyPrefixTuning(graph, config);
  return applyVisualPrompts(graph, config);
}
