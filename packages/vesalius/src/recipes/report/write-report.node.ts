import { describeDatasetOfImages } from "../../data/index.ts";
import { htmlReport, type ReportSection } from "../../evaluation/index.ts";
import type { ReadyBackbone } from "../../models/index.ts";
import type { Environment } from "../run/environment.ts";
import { objectiveWeights, plannedPretrainings } from "../run/pretraining-stage.node.ts";
import type { RunContext } from "../run/stage.node.ts";
import { createObjective } from "../schema/objectives.ts";
import { buildRunReport, type RunFindings } from "./build-report.ts";
import { runDocument } from "./document.ts";
import { reconstructionSection } from "./pictures.node.ts";
import { reconstructImages } from "./reconstructions.ts";
import { type RunSummary, summarise } from "./summary.ts";

/** Pictures of what masked image modelling makes of validation images. */
async function pictures(context: RunContext, pretrained: ReadyBackbone | undefined): Promise<ReportSection[]> {
  const { recipe, data, backend } = context;
  const [planned] = plannedPretrainings(recipe);
  const count = recipe.evaluation.reconstructions;
  const split = data.datasets.find(({ validation }) => validation !== undefined)?.validation;
  if (
    pretrained === undefined ||
    planned === undefined ||
    split === undefined ||
    count === 0 ||
    recipe.pretraining?.objective.name !== "maskedImageModelling"
  )
    return [];
  const objective = createObjective(recipe.pretraining.objective);
  const weights = await objectiveWeights(context, planned);
  const images = await reconstructImages(pretrained, objective, weights, split, { count, seed: recipe.seed, backend });
  return reconstructionSection(images, split.name);
}

/** Writes `report.json`, `report.html` and `summary.json`. */
export async function writeReport(
  context: RunContext,
  findings: RunFindings & { readonly pretrained: ReadyBackbone | undefined },
  environment: Environment,
): Promise<RunSummary> {
  const { recipe, data, folder } = context;
  const report = buildRunReport(recipe, data, findings, environment);
  const document = runDocument(report, {
    description: recipe.description,
    datasets: data.datasets.map(describeDatasetOfImages),
    pictures: await pictures(context, findings.pretrained),
  });
  const summary = summarise(report);
  await folder.writeJson("report.json", report);
  await folder.write("report.html", await htmlReport(document));
  await folder.writeJson("summary.json", summary);
  return summary;
}
