import { VesaliusError } from "../../common/errors.ts";
import type { Feeds, Split } from "../../data/index.ts";
import type { Catalogues } from "../catalogues.ts";
import { columnsOf, feedsTo } from "../data/columns-read.ts";
import type { ChosenNetwork } from "./choose-network.ts";

/** Whether an objective would see the same twice: views of an example that no random change tells apart teach nothing. */
function readsTwice({ parts }: Feeds): boolean {
  const read = Object.values(parts).filter(({ target }) => target !== true);
  return new Set(read.map((part) => JSON.stringify(part))).size < read.length;
}

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
      const feeds = feedsTo(backbone, (ready) => objective.feeds(ready));
      if (only === undefined && readsTwice(feeds)) return false;
      return columnsOf(feeds).every((column) => column in train.columns);
    } catch (error) {
      // It needs settings, or a network that gives something else.
      if (error instanceof VesaliusError) return false;
      throw error;
    }
  });
}
