import { VesaliusError } from "../../common/errors.ts";
import type { Dataset } from "../../data/index.ts";
import { formatNumber } from "../../report/format.ts";
import { builtIn, type Catalogues } from "../catalogues.ts";
import type { RecipeInput } from "../schema.ts";
import { backboneInput } from "./backbone-input.ts";
import { suggestNetworks } from "./choose-network.ts";
import { objectiveFor } from "./choose-objective.ts";
import type { PlannedRecipe } from "./plan-recipe.ts";

/** What a pretraining is planned for. */
export interface PlanPretrainingOptions {
  /** How a recipe names the data; the first source decides the network. */
  readonly sources: readonly NonNullable<RecipeInput["data"]["task"]>[];
  readonly name?: string;
  readonly seed?: number;
  /** Only this network of the catalogue. */
  readonly network?: string;
  /** Only this objective of the catalogue. */
  readonly objective?: string;
  readonly catalogues?: Catalogues;
}

/**
 * Plans a recipe that pretrains on data: a network that reads them at a size that fits them, and an objective that it can
 * learn from them.
 *
 * @param dataset the first source
 * @throws VesaliusError `bad-data` for data that nothing can be learned from
 */
export function planPretraining(dataset: Dataset, options: PlanPretrainingOptions): PlannedRecipe {
  const { catalogues = builtIn, sources, seed = 0 } = options;
  const { train } = dataset.splits;
  if (train === undefined) throw new VesaliusError("bad-data", "there is no training split", { where: dataset.name });
  const columns = catalogues.tasks.entries.flatMap((entry) => entry.suggest?.(train)?.columns ?? []);
  const networks = suggestNetworks(train, { columns }, catalogues).filter(
    ({ name }) => options.network === undefined || name === options.network,
  );
  const found = networks.flatMap((network) => {
    const objective = objectiveFor(network, train, catalogues, options.objective);
    return objective === undefined ? [] : [{ network, objective }];
  });
  const [first] = found;
  if (first === undefined)
    throw new VesaliusError("bad-data", "no network learns from these data by any objective", {
      where: dataset.name,
      fix: `networks that read them: ${networks.map(({ name }) => name).join(", ") || "none"}; objectives: ${catalogues.objectives.names.join(", ")}`,
    });
  const { network, objective } = first;
  const reads = Object.entries(network.facts).map(([role, { kind }]) => `${network.inputs[role]![0]} (${kind})`);
  return {
    recipe: {
      name: options.name ?? "pretraining",
      title: "Pretraining",
      seed,
      data: { pretraining: sources },
      backbone: backboneInput(network),
      pretraining: { objective: { name: objective } },
    },
    seconds: 0,
    cautions: dataset.card.cautions,
    reasons: [
      { path: ["data"], text: `${formatNumber(train.length, 0)} training ${dataset.unit} of the first source` },
      { path: ["backbone"], text: `reads ${reads.join(" and ")}` },
      ...Object.entries(network.suggestion.reasons).map(([key, text]) => ({ path: ["backbone", key], text })),
      { path: ["pretraining"], text: "the first objective that this network learns from these data" },
    ],
  };
}
