import { VesaliusError } from "../../common/errors.ts";
import type { Split } from "../../data/index.ts";
import type { Catalogues } from "../catalogues.ts";
import { columnsRead } from "../data/columns-read.ts";
import type { ChosenNetwork } from "./choose-network.ts";

/**
 * The first objective in the catalogue's order that a backbone can learn from what a split holds; undefined where there is
 * none.
 *
 * @param only the name of the one that is wanted
 */
export function objectiveFor(
  { backbone }: ChosenNetwork,
  train: Split,
  { objectives }: Pick<Catalogues, "objectives">,
  only?: string,
): string | undefined {
  return objectives.names.find((name) => {
    if (only !== undefined && name !== only) return false;
    try {
      const objective = objectives.create({ name });
      return columnsRead(backbone, (ready) => objective.feeds(ready)).every((column) => column in train.columns);
    } catch (error) {
      // It needs settings, or a network that gives something else.
      if (error instanceof VesaliusError) return false;
      throw error;
    }
  });
}
