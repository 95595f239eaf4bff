import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import { validate } from "../../common/check.ts";
import { VesaliusError } from "../../common/errors.ts";
import { roleParts, vocabularyOf } from "../../tasks/index.ts";
import type { Objective } from "../objective.ts";
import { hiddenLoss } from "./hidden-loss.ts";

const share = z.number().min(0).max(1);

/** Settings of masked codes. */
export const maskedCodesSchema = z.strictObject({
  /** Role whose timelines are learned from. */
  role: z.string().default("timeline"),
  /** Share of the codes that is predicted, in (0, 1). */
  maskRatio: z.number().gt(0).lt(1).default(0.15),
  /** What is hidden together: single codes as in BEHRT, or all codes of a visit. */
  unit: z.enum(["code", "visit"]).default("code"),
  /** What stands in place of what is predicted: the mask, a random code, or the code itself. */
  replace: z.strictObject({ mask: share, random: share, keep: share }).default({ mask: 0.8, random: 0.1, keep: 0.1 }),
  /** Whether the network's dropout acts. */
  dropout: z.boolean().default(true),
});

/**
 * Masked language modelling over patients' timelines (Li et al. 2020, BEHRT): hidden codes, or whole hidden visits, are
 * predicted from the others with the ages and visits that stay visible.
 *
 * @throws VesaliusError `bad-configuration` for settings that do not work, and for networks without a head over codes
 */
export function maskedCodes(options: z.input<typeof maskedCodesSchema> = {}): Objective {
  const settings = validate(maskedCodesSchema, options, { code: "bad-configuration", what: "masked codes" });
  const { role, dropout, ...masking } = settings;
  return {
    name: "maskedCodes",
    settings,
    defaults: { epochs: 30, learningRate: 1e-3, weightDecay: 0.01 },
    feeds(backbone) {
      const { network } = backbone;
      const { [role]: part, ...others } = roleParts(backbone);
      if (part?.encoder.name !== "timelineTokens" || vocabularyOf(network, role) === undefined)
        throw new VesaliusError("bad-configuration", `${network.name} predicts no codes of ${role}`, {
          where: "objective maskedCodes",
          fix: "choose a network that reads timelines, such as behrt",
        });
      return {
        parts: { ...others, [role]: { ...part, encoder: { name: "maskedCodes", of: part.encoder, ...masking } } },
      };
    },
    // One visit can be all that there is.
    loss: (context) =>
      hiddenLoss(context, { role, dropout, mostHidden: settings.unit === "visit" ? 1 : settings.maskRatio }),
  };
}

/** Masked codes in the catalogue of objectives. */
export const maskedCodesEntry = entry({
  name: "maskedCodes",
  summary: "Predicts hidden codes, or whole hidden visits, of patients' timelines.",
  settings: maskedCodesSchema,
  create: maskedCodes,
  paper: "Li et al. 2020",
});
