import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import type { AdaptationMethod } from "../method.ts";
import { applyLora, loraSchema } from "./lora.ts";

/**
 * Low-rank adaptation: the backbone is frozen, small factors beside its projections and the head are trained, and
 * merged into the weights at the end.
 *
 * @throws VesaliusError `bad-configuration` for settings that do not work
 *
 * @example
 * const model = await adapt(backbone, classification(labels), { method: lora({ rank: 8 }), data });
 */
export function lora(options: z.input<typeof loraSchema> = {}): AdaptationMethod {
  const parsed = loraSchema.safeParse(options);
  if (!parsed.success) throw new VesaliusError("bad-configuration", `LoRA: ${z.prettifyError(parsed.error)}`);
  const config = parsed.data;
  return {
    name: "lora",
    settings: config,
    defaults: { learningRate: 2e-3, epochs: 10, batchSize: 64, weightDecay: 0 },
    pretrained: true,
    adapters: { config, apply: (graph) => applyLora(graph, config) },
    policy: (parameter) => (/\.lora_[AB]\.weight$/.test(parameter.name) ? {} : undefined),
  };
}
