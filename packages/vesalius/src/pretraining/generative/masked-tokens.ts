import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import { validate } from "../../common/check.ts";
import { VesaliusError } from "../../common/errors.ts";
import { columnsOf, roleParts, vocabularyOf } from "../../tasks/index.ts";
import type { Objective } from "../objective.ts";
import { hiddenLoss } from "./hidden-loss.ts";
import { languageMeasure } from "./language-measure.ts";
import { maskedBits } from "./masked-bits.ts";

const share = z.number().min(0).max(1);

/** Settings of masked language modelling. */
export const maskedTokensSchema = z.strictObject({
  /** Role whose tokens are learned from. */
  role: z.string().default("text"),
  /** Share of the tokens that is predicted, in (0, 1). */
  maskRatio: z.number().gt(0).lt(1).default(0.15),
  /** What is hidden together: single tokens, whole words (Cui et al. 2019), spans (Joshi et al. 2020). */
  unit: z.enum(["token", "wholeWord", "span"]).default("wholeWord"),
  /** Mean length of a span, in tokens. */
  spanLength: z.number().min(1).default(3),
  /** What stands in place of what is predicted: the mask, a random token, or the token itself (Devlin et al. 2019). */
  replace: z.strictObject({ mask: share, random: share, keep: share }).default({ mask: 0.8, random: 0.1, keep: 0.1 }),
  /** Whether the network's dropout acts; what sees most texts once or twice learns more without (Lan et al. 2020). */
  dropout: z.boolean().default(true),
});

/** Settings of masked language modelling, defaults left out at will. */
export type MaskedTokensOptions = z.input<typeof maskedTokensSchema>;

/**
 * Masked language modelling (Devlin et al. 2019) of texts, sequences or molecules: hidden tokens are predicted from those
 * around them, and from what other inputs show where a network has several (image and question, Li et al. 2019, VisualBERT).
 * Of overlapping tokens such as k-mers only those are predicted of which nothing shows.
 *
 * @throws VesaliusError `bad-configuration` for settings that do not work, and for networks without a head over the
 * vocabulary
 */
export function maskedTokens(options: MaskedTokensOptions = {}): Objective {
  const settings = validate(maskedTokensSchema, options, { code: "bad-configuration", what: "masked tokens" });
  const { role, dropout, ...masking } = settings;
  return {
    name: "maskedTokens",
    settings,
    defaults: { epochs: 10, learningRate: 1e-3, weightDecay: 0.01 },
    feeds(backbone) {
      const { network } = backbone;
      const { [role]: part, ...others } = roleParts(backbone);
      if (vocabularyOf(network, role) === undefined || part === undefined)
        throw new VesaliusError("bad-configuration", `${network.name} predicts no tokens of ${role}`, {
          where: "objective maskedTokens",
          fix: "choose a network that reads tokens and has a head over its vocabulary, such as bert",
        });
      // What the tokens meet in a network of several inputs helps to predict them.
      return {
        parts: { ...others, [role]: { ...part, encoder: { name: "maskedTokens", of: part.encoder, ...masking } } },
      };
    },
    // Words and spans are hidden whole, so a row can have some more labels than its share.
    loss: (context) => hiddenLoss(context, { role, dropout, mostHidden: 1.5 * settings.maskRatio }),
    async measure(backbone, examples, { seed, backend } = {}) {
      const options = { role, ...(seed === undefined ? {} : { seed }), ...(backend && { backend }) };
      const bits = await maskedBits(backbone, examples.heldOut, options);
      const called = { name: "pseudoBitsPerByte", label: "Pseudo-bits per byte", seed };
      return [await languageMeasure(bits, examples, columnsOf(backbone, role), called)];
    },
  };
}

/** Masked language modelling in the catalogue of objectives. */
export const maskedTokensEntry = entry({
  name: "maskedTokens",
  summary: "Predicts hidden tokens of texts, sequences or molecules from those around them.",
  settings: maskedTokensSchema,
  create: maskedTokens,
  paper: "Devlin et al. 2019",
});
