import { VesaliusError } from "../../../common/errors.ts";
import { textsColumn } from "../../../data/index.ts";
import type { ClassificationAnswer } from "../../../evaluation/index.ts";
import { columnsReadBy, type Model } from "../../../tasks/index.ts";
import { askedSplit } from "../../asked-split.ts";

/** What a model says of a sentence and its source. */
export interface Judgement {
  /** Probability that the source supports the sentence. */
  readonly supports: number;
  /** Probability that it says the contrary. */
  readonly contradicts: number;
}

/** Judges whether sources support sentences: a model of inference between sentences. */
export interface PairJudge {
  judge(pairs: readonly { readonly source: string; readonly sentence: string }[]): Promise<readonly Judgement[]>;
  release(): Promise<void>;
}

const supporting = /^(?:support|entail|yes$|true$|consistent)/i;
const contradicting = /^(?:refut|contradict|no$|false$|inconsistent)/i;
const sourceNames = /evidence|premise|source|context|passage|dialog/i;

/**
 * A judge of a model of the task classification that reads pairs (recipes healthver, nli4ct): claim against evidence, or
 * hypothesis against premise.
 *
 * @throws VesaliusError `bad-argument` for a model of another task, one that reads no pair, or whose classes name no support
 */
export function pairJudge(model: Model): PairJudge {
  const columns = columnsReadBy(model).map(({ name }) => name);
  const classes = (model.task.settings["classes"] ?? []) as readonly string[];
  const [supports, contradicts] = [supporting, contradicting].map((names) =>
    classes.findIndex((name) => names.test(name)),
  );
  const source = columns.find((name) => sourceNames.test(name));
  const sentence = columns.find((name) => name !== source);
  if (model.task.name !== "classification" || columns.length !== 2 || supports! < 0 || source === undefined)
    throw new VesaliusError("bad-argument", "the model does not say whether a text supports another one", {
      where: "judge",
      fix: "give a model of the task classification that reads a pair with a column evidence or premise and has a class that names support or entailment, such as one of the recipe healthver",
    });
  return {
    async judge(pairs) {
      if (pairs.length === 0) return [];
      const split = askedSplit("pairs", {
        [source]: textsColumn(pairs.map((pair) => pair.source)),
        [sentence!]: textsColumn(pairs.map((pair) => pair.sentence)),
      });
      const judgements: Judgement[] = [];
      for await (const { answer } of model.predict(split)) {
        const probabilities = (answer as ClassificationAnswer | null)?.probabilities;
        const of = (index: number): number => (index < 0 ? 0 : (probabilities?.[index] ?? 0));
        judgements.push({ supports: of(supports!), contradicts: of(contradicts!) });
      }
      return judgements;
    },
    release: () => model.release(),
  };
}
