import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import { VesaliusError } from "../../common/errors.ts";
import { validate } from "../../common/check.ts";
import { concat, elementCount, slice, type Value } from "../../graph/index.ts";
import { keptPatches, patchOf, reconstruction } from "../../models/index.ts";
import { roleParts } from "../../tasks/index.ts";
import type { Objective } from "../objective.ts";

/** Settings of masked image modelling. */
export const maskedImageModellingSchema = z.strictObject({
  /** Role whose images are learned from. */
  role: z.string().default("image"),
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
export type MaskedImageModellingOptions = z.input<typeof maskedImageModellingSchema>;

const transforms = [{ name: "randomResizedCrop", scale: [0.5, 1] }, { name: "randomFlip" }];

/**
 * Masked image modelling with an autoencoder (He et al. 2022, as used by RETFound): most patches are hidden, the encoder
 * sees the rest, and a small decoder predicts the hidden pixels.
 *
 * @throws VesaliusError `bad-configuration` for settings that do not work, and for networks that cannot leave patches out
 */
export function maskedImageModelling(options: MaskedImageModellingOptions = {}): Objective {
  const settings = validate(maskedImageModellingSchema, options, {
    code: "bad-configuration",
    what: "masked image modelling",
  });
  const { role, maskRatio, ...rest } = settings;
  return {
    name: "maskedImageModelling",
    settings,
    defaults: { epochs: 100, optimizer: { name: "adamW", betas: [0.9, 0.95] } },
    feeds(backbone) {
      const { network } = backbone;
      const grid = network.grid?.(role);
      if (!network.hides?.[role]?.includes("visible") || grid?.length !== 2)
        throw new VesaliusError("bad-configuration", `${network.name} cannot leave patches of an image out`, {
          where: "objective maskedImageModelling",
          fix: "choose a vision transformer, or another objective",
        });
      const patches = elementCount(grid);
      const kept = keptPatches(patches, maskRatio);
      if (kept < 1 || kept === patches)
        throw new VesaliusError(
          "bad-configuration",
          `a mask ratio of ${maskRatio} leaves ${kept} of ${patches} patches`,
          { fix: "choose a ratio that keeps at least one patch and hides at least one" },
        );
      return { parts: { [role]: { ...roleParts(backbone)[role]!, transforms } } };
    },
    loss({ inputs, features, backbone, rows }) {
      const images = inputs[role]!["pixels"]!;
      const grid = backbone.network.grid!(role) as readonly [number, number];
      const patches = elementCount(grid);
      const order = images.graph.input("order", "int32", [rows, patches], { kind: "permutation", of: patches });
      const kept = keptPatches(patches, maskRatio);
      const { places, leading } = features(undefined, { [role]: { visible: slice(order, 1, 0, kept) } });
      const latent: Value = leading === undefined ? places! : concat([leading, places!], 1);
      const layout = {
        leading: leading?.shape[1] ?? 0,
        grid,
        patchValues: elementCount(patchOf(images, grid)) * images.shape[1]!,
        mlpRatio: 4,
      };
      const { loss, prediction, target, mask } = reconstruction(images, latent, order, kept, layout, rest);
      return { loss, shown: { prediction, target, mask } };
    },
  };
}

/** Masked image modelling in the catalogue of objectives. */
export const maskedImageModellingEntry = entry({
  name: "maskedImageModelling",
  summary: "Predicts the pixels of hidden patches from the visible ones (masked autoencoder).",
  settings: maskedImageModellingSchema,
  create: maskedImageModelling,
  paper: "He et al. 2022",
});
