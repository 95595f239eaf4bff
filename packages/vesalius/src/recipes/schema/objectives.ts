import { z } from "zod";
import {
  maskedImageModelling,
  maskedImageModellingSchema,
  type PretrainingObjective,
} from "../../pretraining/index.ts";

/** What a backbone can learn without labels, by name. */
export const objectiveSchema = z.discriminatedUnion("name", [
  z.strictObject({ name: z.literal("maskedImageModelling"), ...maskedImageModellingSchema.shape }),
]);

/** Settings of an objective. */
export type ObjectiveSettings = z.output<typeof objectiveSchema>;

/** Makes the objective that a recipe names. */
export function createObjective({ name, ...settings }: ObjectiveSettings): PretrainingObjective {
  switch (name) {
    case "maskedImageModelling":
      return maskedImageModelling(settings);
  }
}
