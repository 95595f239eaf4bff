import { z } from "zod";
import {
  maskedPixels as maskedImageModelling,
  maskedPixelsSchema as maskedImageModellingSchema,
  type PretrainingObjective,
} from "../../pretraining/index.ts";

/** What a backbone can learn without labels, by name. */
export const objectiveSchema = z.discriminatedUnion("name", [
  z.strictObject({ name: z.literal("maskedImageModelling"), ...maskedImageModellingSchema.shape }),
]);

/** Settings of an objective. */
export type ObjectiveSettings = z.output<typeof objectiveSchema>;

type Creators = {
  [Name in ObjectiveSettings["name"]]: (
    settings: Omit<Extract<ObjectiveSettings, { name: Name }>, "name">,
  ) => PretrainingObjective;
};

const creators: Creators = { maskedImageModelling };

/** Makes the objective that a recipe names. */
export const createObjective = ({ name, ...settings }: ObjectiveSettings): PretrainingObjective =>
  creators[name](settings);
