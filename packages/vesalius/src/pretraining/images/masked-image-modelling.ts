import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { Graph } from "../../graph/index.ts";
import { type Backbone, inputShape, maskedAutoencoder } from "../../models/index.ts";
import type { PretrainingObjective } from "./objective.ts";

/** Settings of masked image modelling. */
export const maskedPixelsSchema = z.strictObject({
  /** Share of the patches that is hidden, in (0, 1). */
  maskRatio: z.number().gt(0).lt(1).default(0.75),
  /** Predict patches normalised by their own mean and deviation, which sharpens features (He et al. 2022, table 1d). */
  normalizePixels: z.boolean().default(true),
  decoder: z
    .strictObject({
      width: z.int().positive().default(64),
      depth: z.int().positive().default(2),
      heads: z.int().positive().default(4),
    })
    .prefault({}),
});

/** Settings of masked image modelling, defaults left out at will. */
export type MaskedPixelsOptions = z.input<typeof maskedPixelsSchema> & {
  /** Short for `maskRatio`. */
  readonly ratio?: number;
};

/**
 * Masked image modelling with an autoencoder (He et al. 2022, as used by RETFound): most patches are hidden, the encoder
 * sees the rest, and a small decoder predicts the hidden pixels.
 *
 * @throws VesaliusError `bad-configuration` for settings that do not work
 */
export function maskedPixels({ ratio, ...rest }: MaskedPixelsOptions = {}): PretrainingObjective {
  const parsed = maskedPixelsSchema.safeParse(ratio === undefined ? rest : { maskRatio: ratio, ...rest });
  if (!parsed.success)
    throw new VesaliusError("bad-configuration", `masked image modelling: ${z.prettifyError(parsed.error)}`);
  const settings = parsed.data;
  return {
    name: "maskedImageModelling",
    settings,
    build(backbone: Backbone, batchSize: number): Graph {
      const { config } = backbone;
      const graph = new Graph("masked image modelling");
      const images = graph.input("images", "float32", [batchSize, ...inputShape(backbone)]);
      const patches = (config.imageSize / config.patchSize) ** 2;
      const kept = Math.trunc(patches * (1 - settings.maskRatio));
      if (kept < 1 || kept === patches)
        throw new VesaliusError(
          "bad-configuration",
          `a mask ratio of ${settings.maskRatio} leaves ${kept} of ${patches} patches`,
          {
            fix: "choose a ratio that keeps at least one patch and hides at least one",
          },
        );
      const order = graph.input("order", "int32", [batchSize, patches], { kind: "permutation", of: patches });
      const { loss, prediction, target, mask } = maskedAutoencoder(images, order, config, settings);
      graph.output("loss", loss);
      graph.output("prediction", prediction);
      graph.output("target", target);
      graph.output("mask", mask);
      return graph;
    },
  };
}
