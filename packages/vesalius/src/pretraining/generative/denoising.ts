import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import { validate } from "../../common/check.ts";
import { VesaliusError } from "../../common/errors.ts";
import { placesLoss, roleParts } from "../../tasks/index.ts";
import type { Objective } from "../objective.ts";

const share = z.number().min(0).max(1);

/** Settings of denoising. */
export const denoisingSchema = z.strictObject({
  /** Role whose texts are learned from. */
  role: z.string().default("text"),
  /** Share of the tokens that spans take out, each span shown as one mask token. */
  infillRatio: share.default(0.3),
  /** Mean length of a span, drawn by Poisson's distribution. */
  spanLength: z.number().positive().default(3),
  /** Share of single tokens that a mask stands for. */
  maskRatio: share.default(0),
  /** Share of tokens that are left out without a sign. */
  deleteRatio: share.default(0),
  /** Whether sentences stand in another order. */
  permuteSentences: z.boolean().default(true),
});

/** Settings of span corruption. */
export const spanCorruptionSchema = z.strictObject({
  /** Role whose texts are learned from. */
  role: z.string().default("text"),
  /** Share of the tokens that is taken out. */
  ratio: z.number().gt(0).lt(1).default(0.15),
  /** Mean length of a span. */
  spanLength: z.number().min(1).default(3),
});

/** What both have in common: an encoder-decoder reads spoilt texts and writes what was there. */
function restoring(
  name: string,
  settings: { readonly role: string },
  noise: Readonly<Record<string, unknown>>,
): Objective {
  const { role } = settings;
  return {
    name,
    settings,
    defaults: { epochs: 10, learningRate: 1e-3, weightDecay: 0.01 },
    feeds(backbone) {
      const part = roleParts(backbone)[role];
      const { startTokens } = backbone.network;
      if (part === undefined || startTokens === undefined)
        throw new VesaliusError("bad-configuration", `${backbone.network.name} writes no text of its own`, {
          where: `objective ${name}`,
          fix: "choose an encoder-decoder, such as bart or t5, or the objectives nextToken and maskedTokens",
        });
      return {
        parts: { [role]: { ...part, encoder: { name: "noisedTokens", of: part.encoder, noise, startTokens } } },
      };
    },
    loss({ inputs, backbone }) {
      const definition = backbone.network.decoder!();
      if (definition.kind !== "encoder-decoder")
        throw new VesaliusError("bad-configuration", `${backbone.network.name} has no decoder of its own`);
      const { tokens, mask, written, labels } = inputs[role]!;
      const logits = definition.logits({ tokens: tokens!, mask: mask!, decoderTokens: written!, decoding: {} });
      return placesLoss(logits, labels!);
    },
  };
}

/**
 * Denoising as BART is pretrained (Lewis et al. 2020): text infilling, masked and deleted tokens, sentences in another
 * order; the whole text is written again.
 *
 * @throws VesaliusError `bad-configuration` for settings that do not work, and for networks that are no encoder-decoder
 */
export function denoising(options: z.input<typeof denoisingSchema> = {}): Objective {
  const settings = validate(denoisingSchema, options, { code: "bad-configuration", what: "denoising" });
  const { role: _role, ...noise } = settings;
  return restoring("denoising", settings, { name: "infilling", ...noise });
}

/**
 * Span corruption as T5 is pretrained (Raffel et al. 2020): what spans took out is written, behind the sentinels that
 * stand for them.
 *
 * @throws VesaliusError `bad-configuration` for settings that do not work, and for networks that are no encoder-decoder
 */
export function spanCorruption(options: z.input<typeof spanCorruptionSchema> = {}): Objective {
  const settings = validate(spanCorruptionSchema, options, { code: "bad-configuration", what: "span corruption" });
  const { role: _role, ...noise } = settings;
  return restoring("spanCorruption", settings, { name: "spanCorruption", ...noise });
}

/** Denoising in the catalogue of objectives. */
export const denoisingEntry = entry({
  name: "denoising",
  summary: "Restores texts of which spans, tokens or the order of sentences are spoilt.",
  settings: denoisingSchema,
  create: denoising,
  paper: "Lewis et al. 2020",
});

/** Span corruption in the catalogue of objectives. */
export const spanCorruptionEntry = entry({
  name: "spanCorruption",
  summary: "Writes the spans that were taken out of a text, behind their sentinels.",
  settings: spanCorruptionSchema,
  create: spanCorruption,
  paper: "Raffel et al. 2020",
});
