import { VesaliusError } from "../../../common/errors.ts";
import { randomStream } from "../../../common/random.ts";
import { choicesColumn, textsColumn } from "../../../data/index.ts";
import type { ChatModel } from "../../../generation/index.ts";
import type { ChosenOption, Model } from "../../../tasks/index.ts";
import { choiceIn } from "../../../tasks/spoken/spoken.ts";
import { askedSplit } from "../../asked-split.ts";

/** Says how probable each choice of a question is. */
export interface ChoiceAnswerer {
  readonly name: string;
  /** @returns one probability for each choice, with the sum 1 */
  probabilities(question: string, choices: readonly string[]): Promise<readonly number[]>;
  release(): Promise<void>;
}

/**
 * A model of the task multipleChoice as a tutor. It reads each choice by itself, so that their order does not matter to it.
 *
 * @throws VesaliusError `bad-argument` for a model of another task, or one that reads more than the question
 */
export function choiceModel(model: Model<ChosenOption>): ChoiceAnswerer {
  const { name, settings } = model.task;
  const columns = (settings["question"] ?? []) as readonly string[];
  if (name !== "multipleChoice" || columns.length !== 1)
    throw new VesaliusError("bad-argument", `the model does ${name} and answers no questions with choices`, {
      where: "model",
      fix: "name a model of the task multipleChoice that reads one column beside the choices",
    });
  const [question, choice] = [columns[0]!, settings["column"] as string];
  return {
    name: "model",
    async probabilities(asked, choices) {
      const split = askedSplit("question", {
        [question]: textsColumn([asked]),
        [choice]: choicesColumn([{ options: choices, answer: null }]),
      });
      for await (const { answer } of model.predict(split)) return Array.from(answer!.probabilities);
      return choices.map(() => 1 / choices.length);
    },
    release: () => model.release(),
  };
}

const letterOf = (position: number): string => String.fromCodePoint(65 + position);

/**
 * A language model as a tutor: by the likelihood of each choice where it tells, by the choice that its answer names
 * otherwise; where it names none, all are as probable.
 */
export const chatTutor = (model: ChatModel): ChoiceAnswerer => ({
  name: model.name,
  async probabilities(question, choices) {
    const listed = choices.map((choice, i) => `${letterOf(i)}. ${choice}`).join("\n");
    const content = `${question}\n${listed}\nAnswer with the letter of the right choice.`;
    const messages = [{ role: "user" as const, content }];
    if (model.likelihoods !== undefined) {
      const found = await model.likelihoods(
        messages,
        choices.map((_, i) => letterOf(i)),
      );
      const most = Math.max(...found.map(({ logProbability }) => logProbability));
      const weights = found.map(({ logProbability }) => Math.exp(logProbability - most));
      const total = weights.reduce((sum, one) => sum + one, 0);
      return weights.map((weight) => weight / total);
    }
    const { text } = await model.complete(messages, { maximumTokens: 64 });
    const chosen = choiceIn(text, choices);
    return choices.map((_, i) => (chosen < 0 ? 1 / choices.length : Number(i === chosen)));
  },
  release: () => model.release(),
});

/**
 * Probabilities of choices as a mean over random orders of them, so that no place in the list is preferred (Nori et al. 2023,
 * choice shuffle ensemble).
 *
 * @param orders how often the question is asked; the first order is the given one
 * @returns in the given order
 */
export async function shuffledProbabilities(
  answerer: ChoiceAnswerer,
  question: string,
  choices: readonly string[],
  { orders, seed }: { readonly orders: number; readonly seed: number },
): Promise<number[]> {
  const sums = choices.map(() => 0);
  for (let round = 0; round < orders; round++) {
    const order =
      round === 0 ? choices.map((_, i) => i) : [...randomStream(seed, "choices", round).permutation(choices.length)];
    const found = await answerer.probabilities(
      question,
      order.map((at) => choices[at]!),
    );
    for (const [place, at] of order.entries()) sums[at]! += found[place]! / orders;
  }
  return sums;
}
