import { z } from "zod";
import { entry } from "../../../common/catalogue.ts";
import { VesaliusError } from "../../../common/errors.ts";
import type { Backbone, Preparation } from "../../../models/index.ts";
import { modelAsChat, prepare } from "../../../tasks/index.ts";
import type { AnsweringContext } from "../../answering.ts";
import type { ModelSource } from "./source.ts";

/** The backbone of a run with its encoders, which has to write texts. */
async function writer({
  backbone,
  task,
  train,
  seed,
}: AnsweringContext): Promise<Backbone & { readonly preparation: Preparation }> {
  if (backbone?.network.decoder?.() === undefined)
    throw new VesaliusError("bad-configuration", `${backbone?.network.name ?? "the backbone"} writes no texts`, {
      where: "model",
      fix: "name another model, or a backbone that does, such as gpt2 or llama",
    });
  return prepare(backbone, train, { seed, columns: task.fitsOn?.(backbone) });
}

/** What the run itself pretrained or loaded. */
export const backboneSource = entry({
  name: "backbone",
  summary: "The recipe's own backbone, as it was pretrained or loaded.",
  settings: z.strictObject({
    /** Role whose tokens it reads and writes. */
    role: z.string().min(1).default("text"),
  }),
  create: ({ role }): ModelSource => ({
    described: { name: "backbone" },
    isBackbone: true,
    tellsLikelihoods: true,
    async check(context) {
      await writer(context);
    },
    async open(context) {
      const backbone = await writer(context);
      const { weights } = backbone;
      if (weights === undefined)
        throw new VesaliusError("bad-configuration", "the backbone was not pretrained", { where: "model" });
      const { task, backend } = context;
      const name = backbone.network.name;
      return modelAsChat(
        { backbone, weights, attached: undefined, task },
        { name, role, ...(backend === undefined ? {} : { backend }) },
      );
    },
  }),
});
