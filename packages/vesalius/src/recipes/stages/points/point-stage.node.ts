import type { Predictor } from "../../../tasks/index.ts";
import type { StudyPoint } from "../../studies/study.ts";
import type { AdaptationPlan } from "../adaptation/adaptation-plan.node.ts";
import { adaptationDecides, adaptModel, recordOf } from "../adaptation/adaptation-stage.node.ts";
import { answeringOf, answeringRecord, askedDigest, openAnswering } from "../adaptation/answering.node.ts";
import { evaluatedSplit, evaluationDigest, measureInto } from "../adaptation/evaluation-stage.node.ts";
import { contentKey } from "../key.ts";
import type { PretrainingStage } from "../pretraining/pretraining-stage.node.ts";
import type { RunParts } from "../run-parts.ts";
import type { Stage } from "../stage.ts";

/** Name of a point: `studies/labelEfficiency/lora-20-seed1`. */
export function pointName(study: string, { method, seed, at, fold }: StudyPoint): string {
  const values = [...Object.values(at), ...(fold === undefined ? [] : [`fold${fold.number + 1}`])];
  const place = values.map((value) => String(value).replace(/[^A-Za-z0-9]+/g, "-"));
  return ["studies", study, [method, ...place, `seed${seed}`].join("-")].join("/");
}

/** Plans a model of a study that is adapted, evaluated, and not kept. */
export function planPoint(
  parts: RunParts,
  study: string,
  point: StudyPoint,
  plan: AdaptationPlan,
  pretraining: PretrainingStage | undefined,
): Stage<"point"> {
  const task = parts.task!;
  const { without = [] } = point;
  const answering = answeringOf(parts, plan);
  const decides = {
    stage: "point",
    adaptation: adaptationDecides(parts, plan, pretraining),
    evaluation: task.evaluation.kind,
    data: evaluationDigest(parts),
    ...(answering === undefined ? {} : { asked: askedDigest(parts, answering, parts.evaluated!) }),
    without,
  };
  const name = pointName(study, point);
  return {
    kind: "point",
    name,
    folder: name,
    decides,
    key: contentKey(decides),
    unit: parts.unit,
    async work(session) {
      const split = evaluatedSplit(parts, without);
      const measure = async (model: Predictor) => {
        try {
          const { rows } = await measureInto(session, task, model, split, false);
          return { split: split.name, cases: rows.length };
        } finally {
          await model.release();
        }
      };
      if (answering !== undefined) {
        const opened = await openAnswering(parts, plan, pretraining, session, answering);
        return { ...answeringRecord(parts, plan, answering), ...(await measure(opened)) };
      }
      const model = await adaptModel(parts, plan, pretraining, session);
      return { ...recordOf(plan, model), ...(await measure(model)) };
    },
  };
}
