import { z } from "zod";
import { catalogue, entry } from "../../common/catalogue.ts";
import { adam } from "./adam.ts";
import { adamW } from "./adamw.ts";
import { lamb } from "./lamb.ts";
import { lars } from "./lars.ts";
import { lion } from "./lion.ts";
import { sgd } from "./sgd.ts";

const share = z.number().min(0).lt(1);
const betas = z.tuple([share, share]).optional();
const epsilon = z.number().positive().optional();

/** Settings that were given, without those that are left to the optimizer's own defaults. */
const given = <Settings extends object>(settings: Settings) =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Settings]?: Exclude<Settings[Key], undefined>;
  };

/** Every optimizer by name; weight decay is a setting of training, since it belongs to parameters, not to the rule. */
export const optimizers = catalogue("optimizer", [
  entry({
    name: "adamW",
    summary: "Adam with decoupled weight decay.",
    settings: z.strictObject({ betas, epsilon }),
    create: (settings) => adamW(given(settings)),
    paper: "Loshchilov and Hutter 2019",
  }),
  entry({
    name: "adam",
    summary: "Adam; weight decay is a penalty added to the gradient.",
    settings: z.strictObject({ betas, epsilon, amsgrad: z.boolean().optional() }),
    create: (settings) => adam(given(settings)),
    paper: "Kingma and Ba 2015",
  }),
  entry({
    name: "lamb",
    summary: "Adam's direction with a rate for each tensor, for large batches.",
    settings: z.strictObject({
      betas,
      epsilon,
      biasCorrection: z.boolean().optional(),
      maximumWeightNorm: z.number().positive().optional(),
      clipTrustRatio: z.boolean().optional(),
      alwaysAdapt: z.boolean().optional(),
    }),
    create: (settings) => lamb(given(settings)),
    paper: "You et al. 2020",
  }),
  entry({
    name: "lars",
    summary: "Momentum with a rate for each tensor, for large batches.",
    settings: z.strictObject({
      momentum: share.optional(),
      trustCoefficient: z.number().positive().optional(),
      epsilon,
    }),
    create: (settings) => lars(given(settings)),
    paper: "You et al. 2017",
  }),
  entry({
    name: "lion",
    summary: "Steps of equal size in the direction of the sign of an interpolated momentum.",
    settings: z.strictObject({ betas }),
    create: (settings) => lion(given(settings)),
    paper: "Chen et al. 2023",
  }),
  entry({
    name: "sgd",
    summary: "Gradient descent, with momentum if asked for.",
    settings: z.strictObject({
      momentum: share.optional(),
      dampening: share.optional(),
      nesterov: z.boolean().optional(),
    }),
    create: (settings) => sgd(given(settings)),
    paper: "Robbins and Monro 1951",
  }),
]);
