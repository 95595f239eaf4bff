import { catalogue, type Spec } from "../../common/catalogue.ts";
import { VesaliusError } from "../../common/errors.ts";
import { throwIfInterrupted } from "../../common/interruption.ts";
import { readExamples, type Split } from "../../data/index.ts";
import type { ChatModel } from "../../generation/index.ts";
import type { Answered, InferenceOptions, Predictor, Task } from "../../tasks/index.ts";
import { nearestExamples } from "./examples.ts";
import { findings } from "./findings.ts";
import { knowledgePaths } from "./knowledge-paths.ts";
import { medAgents } from "./med-agents.ts";
import { chainOfThought, medprompt } from "./medprompt.ts";
import type { Prompting, PromptingSession, Reply, SolvedQuestion } from "./prompting.ts";
import { type Asking, questionOf } from "./question.ts";
import { twoStepSimplification } from "./simplification.ts";
import { verbalizers } from "./verbalizers.ts";
import { watchedModel } from "./watched-model.ts";
import { zeroShot } from "./zero-shot.ts";

/** Every way to put the questions of a task to a language model, by name. */
export const promptings = catalogue("way of prompting", [
  zeroShot,
  verbalizers,
  nearestExamples,
  chainOfThought,
  medprompt,
  medAgents,
  knowledgePaths,
  findings,
  twoStepSimplification,
]);

/** Options of `prompted`. */
export interface PromptedOptions extends Asking {
  /** A way of prompting by its name and settings: `{ name: "medprompt", ensemble: 5 }`. */
  readonly method?: Spec | Prompting;
  /** Examples whose answers may be shown. */
  readonly train?: Split;
  readonly seed?: number;
}

/** Rows that are read at once. */
const chunk = 64;

/** Examples of a split, read a few at a time. */
async function* examplesOf(split: Split, columns: readonly string[]) {
  for (let from = 0; from < split.length; from += chunk) {
    const rows = Array.from({ length: Math.min(chunk, split.length - from) }, (_, i) => from + i);
    const examples = await readExamples(split, columns, rows);
    for (const [i, row] of rows.entries()) yield { id: split.ids[row]!, row, example: examples[i]! };
  }
}

const isMade = (method: Spec | Prompting): method is Prompting => "open" in method;

/**
 * A language model that answers a task in place of a network that was trained for it: it is asked in words, and what it
 * says is heard. Evaluation, applications and whatever wraps predictors treat it like any other.
 *
 * @throws VesaliusError `bad-configuration` for a task that is not put into words, or a way of prompting that does not fit
 * it; from `predict` whatever the model throws, save that questions which do not fit into its context have no answer where
 * others fit
 *
 * @example
 * const predictor = prompted(classification({ classes }), model, { columns: ["text"], method: { name: "verbalizers" } });
 * const report = await evaluate(predictor, task, pairs.splits["validation"]!);
 */
export function prompted<Truth, Answer, Measure>(
  task: Task<Truth, Answer, Measure>,
  model: ChatModel,
  { method = { name: "zeroShot" }, train, seed = 0, ...asking }: PromptedOptions,
): Predictor<Answer> & { readonly method: Prompting } {
  const { spoken } = task;
  if (spoken === undefined)
    throw new VesaliusError("bad-configuration", `the task ${task.name} is not put into words`, {
      fix: "choose one that is, such as classification, tokenClassification or generation",
    });
  const made = isMade(method) ? method : promptings.create(method);
  const columns = [...new Set([...asking.columns, ...(made.columns ?? []), ...task.columns])];
  const there = (split: Split): string[] => columns.filter((name) => Object.hasOwn(split.columns, name));

  async function solved(): Promise<SolvedQuestion[]> {
    const found: SolvedQuestion[] = [];
    if (train === undefined) return found;
    for await (const { id, example } of examplesOf(train, there(train))) {
      const said = spoken!.say(example);
      if (said !== null) found.push({ ...questionOf(id, example, spoken!, asking), said });
    }
    return found;
  }

  async function* predict(
    split: Split,
    { signal, onProgress, onCounts }: InferenceOptions = {},
  ): AsyncIterable<Answered<Answer>> {
    const missing = asking.columns.find((name) => !Object.hasOwn(split.columns, name));
    if (missing !== undefined)
      throw new VesaliusError("bad-data", `there is no column ${missing} to ask about`, {
        where: `split ${split.name}`,
        fix: `the columns are ${Object.keys(split.columns).join(", ")}`,
      });
    const { model: watched, counts, isTooLong } = watchedModel(model);
    const session: PromptingSession = { model: watched, spoken: spoken!, asking, train: await solved(), seed, signal };
    const answer = await made.open(session);
    let tooLong = 0;
    for await (const { id, row, example } of examplesOf(split, there(split))) {
      throwIfInterrupted(signal, `stopped after ${row} of ${split.length} examples`);
      const reply = await answer(questionOf(id, example, spoken!, asking)).catch((error: unknown): Reply => {
        // Nothing of a question is cut; where some fit, the others have no answer, which counts against the model.
        if (!isTooLong(error) || ++tooLong === split.length) throw error;
        return { answer: null, declined: "what is asked does not fit into the model's context" };
      });
      // What the task hears is the task's own answer.
      yield { id, used: asking.columns, ...reply, answer: reply.answer as Answer | null };
      onProgress?.(row + 1, split.length);
    }
    onCounts?.({ prompts: { ...counts, tooLong } });
  }

  return { method: made, predict, release: () => model.release() };
}
