import type { Choices, Example } from "../../data/index.ts";
import { certainly, choiceIn, type Spoken } from "./spoken.ts";

/** One of several classes put into words. */
export function spokenClasses<Answer>(
  column: string,
  classes: readonly string[],
  answer: (probabilities: Float32Array) => Answer,
): Spoken<Answer> {
  return {
    question: "Which one is it?",
    choices: () => classes,
    chosen: answer,
    hear(text) {
      const choice = choiceIn(text, classes);
      return choice < 0 ? null : answer(certainly(choice, classes.length));
    },
    say: (example) => classes[(example[column] ?? -1) as number] ?? null,
  };
}

/** One of the options of a question put into words. */
export function spokenOptions<Answer>(
  column: string,
  answer: (probabilities: Float32Array, example: Example) => Answer,
): Spoken<Answer> {
  const optionsOf = (example: Example): readonly string[] => (example[column] as Choices).options;
  return {
    question: "Which answer is right?",
    choices: optionsOf,
    chosen: answer,
    hear(text, example) {
      const options = optionsOf(example);
      const choice = choiceIn(text, options);
      return choice < 0 ? null : answer(certainly(choice, options.length), example);
    },
    say(example) {
      const { options, answer: right } = example[column] as Choices;
      return right === null ? null : options[right]!;
    },
  };
}
