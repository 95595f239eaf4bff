import { createDigest } from "#common/digest";
import { loadModel } from "../../../adaptation/index.node.ts";
import { addCounts, type FeedCounts, type Split } from "../../../data/index.ts";
import type { ReportSection } from "../../../report/index.ts";
import {
  columnsOf,
  encodeMeasured,
  type Measured,
  measureAnswers,
  type Predictor,
  showAnswers,
} from "../../../tasks/index.ts";
import { columnsDigest, withoutColumns } from "../../data/columns-read.ts";
import { contentKey } from "../key.ts";
import type { RunParts } from "../run-parts.ts";
import type { Stage, StageSession } from "../stage.ts";
import type { AdaptationStage } from "./adaptation-plan.node.ts";
import { taskColumns } from "./adaptation-stage.node.ts";
import { answeringOf, askedDigest, openAnswering } from "./answering.node.ts";

/** Raised when the same model and data come to be measured otherwise. */
const version = 1;

/** Name of the file with the measures. */
export const measuresFile = "measures.json";

/** Name of the file with what is shown of the answers. */
export const shownFile = "shown.json";

/** An evaluation of a run. */
export interface EvaluationStage extends Stage<"evaluation"> {
  readonly model: AdaptationStage;
}

/** Hash of what an evaluation reads: the columns of inputs and truth, and the names that answers carry. */
export const evaluationDigest = (parts: RunParts): string => {
  const split = parts.evaluated!;
  const ids = createDigest().update(JSON.stringify(split.ids)).hex();
  return contentKey([columnsDigest(split, taskColumns(parts, parts.task!)), ids]);
};

/**
 * The split that models are evaluated on, with the inputs of some roles missing.
 *
 * @param without roles
 */
export function evaluatedSplit({ start, evaluated }: RunParts, without: readonly string[] = []): Split {
  if (without.length === 0) return evaluated!;
  return withoutColumns(
    evaluated!,
    without.flatMap((role) => columnsOf(start, role)),
  );
}

/**
 * Plans the evaluation of an adapted model, read back from its folder so that what is evaluated is what the folder holds.
 *
 * @param without roles whose inputs are missing
 * @param name where it belongs to a study, the point's
 */
export function planEvaluation(
  parts: RunParts,
  model: AdaptationStage,
  { without = [], name }: { readonly without?: readonly string[] | undefined; readonly name?: string } = {},
): EvaluationStage {
  const { method, seed } = model.plan;
  const task = parts.task!;
  const answering = answeringOf(parts, model.plan);
  const decides = {
    stage: "evaluation",
    version,
    model: model.key,
    evaluation: task.evaluation.kind,
    data: evaluationDigest(parts),
    ...(answering === undefined ? {} : { asked: askedDigest(parts, answering, parts.evaluated!) }),
    without,
  };
  const own = name ?? `evaluation/${method.label}-seed${seed}`;
  return {
    kind: "evaluation",
    name: own,
    folder: name ?? `evaluations/${method.label}-seed${seed}`,
    decides,
    key: contentKey(decides),
    unit: parts.unit,
    model,
    async work(session) {
      const loaded =
        answering === undefined
          ? await loadModel(session.file(model.folder), parts.catalogues)
          : await openAnswering(parts, model.plan, model.pretraining, session, answering);
      try {
        const split = evaluatedSplit(parts, without);
        const measured = await measureInto(session, task, loaded, split, without.length === 0);
        const { rows, counts } = measured;
        const shown = name === undefined ? await shownOf(parts, session, loaded, measured) : [];
        if (shown.length > 0) await session.write(shownFile, JSON.stringify(shown));
        return { seed, method: method.label, split: split.name, cases: rows.length, counts };
      } finally {
        await loaded.release();
      }
    },
  };
}

/** Sections of a report with pictures of a few answers, where the task shows any. */
const shownOf = (
  parts: RunParts,
  { options }: StageSession,
  model: Predictor,
  measured: Measured,
): Promise<ReportSection[]> =>
  showAnswers(model, parts.task!, parts.evaluated!, measured, {
    restricted: parts.data.task?.card.restricted ?? true,
    ...(options.backend === undefined ? {} : { backend: options.backend }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });

/**
 * Measures a model's answers and writes the measures. Beside them it gives what encoders tell of the examples.
 *
 * @param files whether answers are written too, in the files of the field
 */
export async function measureInto(
  { options, evaluated, write }: StageSession,
  task: NonNullable<RunParts["task"]>,
  model: Predictor,
  split: Split,
  files: boolean,
): Promise<Measured & { readonly counts: FeedCounts }> {
  let counts: FeedCounts = {};
  const measured = await measureAnswers(model, task, split, {
    ...(files ? { write: ({ name, content }) => write(name, content) } : {}),
    ...(options.backend === undefined ? {} : { backend: options.backend }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    onProgress: evaluated,
    onCounts: (more) => (counts = addCounts(counts, more)),
  });
  await write(measuresFile, encodeMeasured(task.evaluation.kind, measured));
  return { ...measured, counts };
}
