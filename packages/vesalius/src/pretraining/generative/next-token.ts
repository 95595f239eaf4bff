import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import { validate } from "../../common/check.ts";
import { VesaliusError } from "../../common/errors.ts";
import { columnsOf, roleParts, tokenLoss, vocabularyOf } from "../../tasks/index.ts";
import type { Objective } from "../objective.ts";
import { languageMeasure } from "./language-measure.ts";
import { causalBits } from "./text-bits.ts";

/** Settings of next-token prediction. */
export const nextTokenSchema = z.strictObject({
  /** Role whose tokens are learned from. */
  role: z.string().default("text"),
});

/**
 * Next-token prediction (Radford et al. 2018): each token is predicted from those before it, by a network that sees no
 * later ones.
 *
 * @throws VesaliusError `bad-configuration` for networks that are no causal decoder, which would see what they predict
 */
export function nextToken(options: z.input<typeof nextTokenSchema> = {}): Objective {
  const settings = validate(nextTokenSchema, options, { code: "bad-configuration", what: "next token" });
  const { role } = settings;
  return {
    name: "nextToken",
    settings,
    defaults: { epochs: 10, learningRate: 1e-3, weightDecay: 0.1, optimizer: { name: "adamW", betas: [0.9, 0.95] } },
    feeds(backbone) {
      const { network } = backbone;
      const part = roleParts(backbone)[role];
      if (network.causal !== true || network.heads?.["vocabulary"] === undefined || part === undefined)
        throw new VesaliusError("bad-configuration", `${network.name} sees the tokens that it should predict`, {
          where: "objective nextToken",
          fix: "choose a causal decoder, such as gpt2, or the objective maskedTokens",
        });
      return { parts: { [role]: { ...part, encoder: { name: "nextTokens", of: part.encoder } } } };
    },
    loss: ({ inputs, features, backbone }) =>
      tokenLoss(vocabularyOf(backbone.network, role)!(features()), inputs[role]!["labels"]!),
    async measure(backbone, examples, { seed, backend } = {}) {
      const bits = await causalBits(backbone, examples.heldOut, { role, ...(backend && { backend }) });
      const called = { name: "bitsPerByte", label: "Bits per byte", seed };
      return [await languageMeasure(bits, examples, columnsOf(backbone, role), called)];
    },
  };
}

/** Next-token prediction in the catalogue of objectives. */
export const nextTokenEntry = entry({
  name: "nextToken",
  summary: "Predicts each token from those before it.",
  settings: nextTokenSchema,
  create: nextToken,
  paper: "Radford et al. 2018",
});
