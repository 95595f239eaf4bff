import type { BaselineContext, BaselineModel } from "../../../tasks/index.ts";
import { columnsRead, columnsDigest } from "../../data/columns-read.ts";
import type { LabelledSpec } from "../../resolve/baselines.ts";
import { evaluationDigest, measureInto } from "../adaptation/evaluation-stage.node.ts";
import { contentKey } from "../key.ts";
import type { RunParts } from "../run-parts.ts";
import type { Stage } from "../stage.ts";

/** Raised when the same settings and data come to be measured otherwise. */
const version = 1;

/** A baseline of a run: fitted and measured. */
export interface BaselineStage extends Stage<"evaluation"> {
  readonly label: string;
  readonly title: string;
}

/**
 * Plans a baseline. It is fitted in moments and kept nowhere: what is kept is what was measured.
 *
 * @throws VesaliusError for a baseline of another task, or that finds nothing to read
 */
export function planBaseline(parts: RunParts, { label, ...spec }: LabelledSpec): BaselineStage {
  const { start, catalogues, data, recipe } = parts;
  const task = parts.task!;
  const model: BaselineModel = catalogues.baselines.create(spec);
  const context: BaselineContext = {
    task,
    train: data.train!,
    columns: columnsRead(start, (backbone) => task.feeds(backbone)),
  };
  const columns = model.columns(context);
  const decides = {
    stage: "baseline",
    version,
    baseline: spec,
    task: { name: task.name, ...task.settings },
    data: columnsDigest(data.train!, columns),
    evaluated: [columnsDigest(parts.evaluated!, columns), evaluationDigest(parts)],
  };
  return {
    kind: "evaluation",
    name: `baselines/${label}`,
    folder: `baselines/${label}`,
    decides,
    key: contentKey(decides),
    unit: parts.unit,
    label,
    title: model.title,
    async work(session) {
      const fitted = await model.fit(context);
      const { rows, counts } = await measureInto(session, task, fitted, parts.evaluated!, true);
      return { seed: recipe.seed, method: label, split: parts.evaluated!.name, cases: rows.length, counts };
    },
  };
}
