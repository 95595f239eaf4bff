import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import { validate } from "../../common/check.ts";
import { VesaliusError } from "../../common/errors.ts";
import { add, crossEntropy, multiply } from "../../graph/index.ts";
import { roleParts, tokenAccuracy, tokenLoss, vocabularyOf } from "../../tasks/index.ts";
import type { Objective } from "../objective.ts";
import { maskedTokensSchema } from "./masked-tokens.ts";

const { maskRatio, unit, spanLength, replace } = maskedTokensSchema.shape;

/** Settings of next-sentence prediction. */
export const nextSentenceSchema = z.strictObject({
  /** Role whose texts are learned from. */
  role: z.string().default("text"),
  /** What a wrong second part is: that of another text of the batch (BERT), or the first part of the same one (ALBERT). */
  wrong: z.enum(["other", "swapped"]).default("other"),
  /** Hidden tokens that are predicted in the same pass; none are where it is left out. */
  masking: z.strictObject({ maskRatio, unit, spanLength, replace }).optional(),
  /** What the loss of the pair is multiplied by beside that of hidden tokens. */
  weight: z.number().positive().default(1),
  /** Whether the network's dropout acts. */
  dropout: z.boolean().default(true),
});

/** Settings of next-sentence prediction, defaults left out at will. */
export type NextSentenceOptions = z.input<typeof nextSentenceSchema>;

/**
 * Next-sentence prediction (Devlin et al. 2019) and, with `wrong: swapped`, sentence order (Lan et al. 2020): whether the
 * second part of a text follows the first. With `masking` tokens are hidden in the pair and predicted in the same pass, as
 * BERT and ALBERT are pretrained.
 *
 * @throws VesaliusError `bad-configuration` for networks without a head for the pair, or for the vocabulary with `masking`
 */
export function nextSentence(options: NextSentenceOptions = {}): Objective {
  const settings = validate(nextSentenceSchema, options, { code: "bad-configuration", what: "next sentence" });
  const { role, wrong, masking, weight, dropout } = settings;
  return {
    name: "nextSentence",
    settings,
    defaults: { epochs: 10, learningRate: 1e-3, weightDecay: 0.01 },
    feeds(backbone) {
      const { network } = backbone;
      const part = roleParts(backbone)[role];
      const able = masking === undefined || vocabularyOf(network, role) !== undefined;
      if (part === undefined || network.heads?.["nextSentence"] === undefined || !able)
        throw new VesaliusError("bad-configuration", `${network.name} does not tell which sentence follows`, {
          where: "objective nextSentence",
          fix: "choose a network with heads for it, such as bert",
        });
      const of = { ...part.encoder, pair: true };
      const encoder = { name: "sentencePairs", of, wrong, ...(masking === undefined ? {} : { masking }) };
      return { parts: { [role]: { ...part, encoder } } };
    },
    loss({ inputs, features, backbone }) {
      const found = features(undefined, undefined, dropout);
      const truth = inputs[role]!["wrong"]!;
      const { logits } = backbone.network.heads!["nextSentence"]!(found, 2, { training: true });
      const pair = crossEntropy(logits!, truth);
      const pairAccuracy = tokenAccuracy(logits!, truth);
      if (masking === undefined) return { loss: pair, terms: { pairAccuracy } };
      const labels = inputs[role]!["labels"]!;
      const most = Math.ceil(labels.shape[1]! * Math.min(1, 1.5 * masking.maskRatio)) + 4;
      const { loss, terms, shown } = tokenLoss(vocabularyOf(backbone.network, role)!(found), labels, most);
      return {
        loss: add(loss, multiply(pair, weight)),
        terms: { ...terms, pairAccuracy },
        ...(shown === undefined ? {} : { shown }),
      };
    },
  };
}

/** Next-sentence prediction in the catalogue of objectives. */
export const nextSentenceEntry = entry({
  name: "nextSentence",
  summary: "Tells whether the second part of a text follows the first, with hidden tokens beside it where wanted.",
  settings: nextSentenceSchema,
  create: nextSentence,
  paper: "Devlin et al. 2019; Lan et al. 2020",
});
