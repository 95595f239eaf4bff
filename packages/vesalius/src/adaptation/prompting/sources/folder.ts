import { z } from "zod";
import { entry } from "../../../common/catalogue.ts";
import { VesaliusError } from "../../../common/errors.ts";
import { modelAsChat } from "../../../tasks/index.ts";
import type { ModelSource } from "./source.ts";

/** A model that was adapted to write, such as one that follows instructions. */
export const folderSource = entry({
  name: "folder",
  summary: "A saved model that was adapted to write texts.",
  settings: z.strictObject({
    /** Folder that a run or `model.save` wrote: `runs/instructions/models/lora-seed1`. */
    folder: z.string().min(1),
    /** Role whose tokens it reads and writes. */
    role: z.string().min(1).default("text"),
  }),
  create: ({ folder, role }): ModelSource => ({
    described: { name: "folder" },
    tellsLikelihoods: true,
    identify: (place) => place.digestOf(folder),
    async check({ place }) {
      const model = await place.loadModel(folder);
      const { network } = model.backbone;
      await model.release();
      if (network.decoder?.() === undefined)
        throw new VesaliusError("bad-configuration", `${network.name} writes no texts`, {
          where: "model.folder",
          fix: "name a model that was adapted to generation",
        });
    },
    async open({ place, backend }) {
      const model = await place.loadModel(folder);
      const name = `${model.backbone.network.name} (${model.task.name})`;
      return modelAsChat(model, { name, role, ...(backend === undefined ? {} : { backend }) });
    },
  }),
});
