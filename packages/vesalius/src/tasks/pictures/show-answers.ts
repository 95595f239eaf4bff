import { readExamples, type Split, takeRows } from "../../data/index.ts";
import type { MeasuredAnswers } from "../../evaluation/index.ts";
import { formatNumber, type ReportSection } from "../../report/index.ts";
import type { InferenceOptions } from "../inference/inference.ts";
import type { Predictor } from "../predictor.ts";
import type { Task } from "../task.ts";

/** Options of {@link showAnswers}. */
export interface ShowAnswersOptions extends Pick<InferenceOptions, "backend" | "signal"> {
  /** Of restricted data nothing is shown, and that is said. */
  readonly restricted?: boolean;
}

/** Positions of the best, the median and the worst of some scores, each once; of equal ones the first. */
function chosen(scores: readonly number[]): { readonly position: number; readonly which: string }[] {
  const order = scores
    .map((score, position) => ({ score, position }))
    .filter(({ score }) => Number.isFinite(score))
    .sort((a, b) => b.score - a.score || a.position - b.position);
  const named = [
    ["best", 0],
    ["median", Math.floor((order.length - 1) / 2)],
    ["worst", order.length - 1],
  ] as const;
  const found = named.flatMap(([which, rank]) => {
    const one = order[rank];
    return one === undefined ? [] : [{ position: one.position, which }];
  });
  return found.filter(({ position }, i) => found.findIndex((other) => other.position === position) === i);
}

/**
 * What a task shows of its answers: the cases with the best, the median and the worst score, so that nobody picks them. The
 * cases are answered again, as answers are not kept.
 *
 * @param measured of the same split
 * @returns sections of a report; none for a task that shows nothing
 */
export async function showAnswers<Truth, Answer, Measure>(
  model: Predictor<Answer>,
  task: Task<Truth, Answer, Measure>,
  split: Split,
  { measures, rows }: Pick<MeasuredAnswers<Measure>, "measures" | "rows">,
  { restricted = false, ...options }: ShowAnswersOptions = {},
): Promise<ReportSection[]> {
  const { shows } = task;
  if (shows === undefined) return [];
  if (restricted)
    return [
      {
        kind: "text",
        title: shows.title,
        paragraphs: ["The data are restricted, so that the report shows no pictures of cases."],
      },
    ];
  const cases = chosen(measures.map((measure) => shows.score(measure)));
  if (cases.length === 0) return [];
  const few = takeRows(
    split,
    cases.map(({ position }) => rows[position]!),
  );
  const images = [];
  let i = 0;
  for await (const { answer } of model.predict(few, options)) {
    const { position, which } = cases[i]!;
    const [example] = await readExamples(few, task.columns, [i]);
    const { dataUri, description } = shows.picture(example!, answer);
    const score = `${shows.scoreName} ${formatNumber(shows.score(measures[position]!), 3)}`;
    images.push({ dataUri, description: `The ${which} case, ${score}: ${description}`, caption: `${which}: ${score}` });
    i++;
  }
  return [{ kind: "images", title: shows.title, columns: 3, images, note: shows.note }];
}
