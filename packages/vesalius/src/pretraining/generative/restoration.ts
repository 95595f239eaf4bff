import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import { validate } from "../../common/check.ts";
import { VesaliusError } from "../../common/errors.ts";
import { divide, maximum, reduceMean, square, subtract, type Value } from "../../graph/index.ts";
import { convolutionLayer } from "../../models/index.ts";
import { roleParts } from "../../tasks/index.ts";
import type { Objective } from "../objective.ts";

/** Settings of restoration. */
export const restorationSchema = z.strictObject({
  /** Role whose volumes are restored. */
  role: z.string().default("image"),
});

const corrupted = [{ name: "corruption" }];

/** Name of the part that shows the volume as it is. */
const original = "original";

const meanSquare = (x: Value): Value => reduceMean(square(x), undefined, { keepDimensions: false });

/**
 * Restoration of corrupted volumes (Models Genesis; Zhou et al. 2019), for networks with a decoder: encoder and decoder
 * learn together. The term `explained` is the share of the error of the corrupted volume itself that is taken away; 0 or
 * less means that copying the input would be as good.
 *
 * @throws VesaliusError `bad-configuration` for networks without features at full resolution
 */
export function restoration(options: z.input<typeof restorationSchema> = {}): Objective {
  const settings = validate(restorationSchema, options, { code: "bad-configuration", what: "restoration" });
  const { role } = settings;
  return {
    name: "restoration",
    settings,
    defaults: { epochs: 30, learningRate: 1e-3, weightDecay: 0.01, batchSize: 1 },
    feeds(backbone) {
      const part = roleParts(backbone)[role];
      if (part?.encoder.name !== "voxels" || backbone.network.heads?.["masks"] === undefined)
        throw new VesaliusError(
          "bad-configuration",
          `${backbone.network.name} has no decoder that could restore volumes`,
          {
            where: "objective restoration",
            fix: "choose a network such as nnunet",
          },
        );
      return {
        parts: { [role]: { ...part, transforms: corrupted }, [original]: { ...part, target: true } },
        together: [{ name: "flip" }],
      };
    },
    loss({ inputs, features }) {
      const [shown, truth] = [inputs[role]!["voxels"]!, inputs[original]!["voxels"]!];
      const { pyramid } = features();
      // A layer of its own: the segmentation layers stay new for the task.
      const restored = convolutionLayer(pyramid![0]!, "restoration", truth.shape[1]!, { kernel: 1 });
      const loss = meanSquare(subtract(restored, truth));
      const ofInput = meanSquare(subtract(shown, truth));
      const one = loss.graph.scalar(1);
      return {
        loss,
        terms: { explained: subtract(one, divide(loss, maximum(ofInput, loss.graph.scalar(1e-8)))) },
        shown: { corrupted: shown, restored, original: truth },
      };
    },
  };
}

/** Restoration in the catalogue of objectives. */
export const restorationEntry = entry({
  name: "restoration",
  summary: "Restores volumes whose texture and intensities were corrupted.",
  settings: restorationSchema,
  create: restoration,
  paper: "Zhou et al. 2019",
});
