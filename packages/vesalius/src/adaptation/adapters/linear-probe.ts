import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import type { AdaptationMethod } from "../method.ts";

/**
 * Linear probe: the backbone is frozen and only the head is trained, on features that are computed once and
 * standardised. The standardisation is folded into the head afterwards, so the model stays a plain one.
 */
export function linearProbe(): AdaptationMethod {
  return {
    name: "linearProbe",
    settings: {},
    defaults: { learningRate: 1e-2, epochs: 100, batchSize: 256, weightDecay: 1e-3 },
    pretrained: true,
    frozenFeatures: true,
    policy: () => undefined,
  };
}

/** The linear probe in the catalogue of methods. */
export const linearProbeEntry = entry({
  name: "linearProbe",
  summary: "Trains only the head, on features that are computed once.",
  settings: z.strictObject({}),
  create: () => linearProbe(),
});
