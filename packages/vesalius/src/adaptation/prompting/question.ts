import { type Example, fillTemplate, type Message, textOfField } from "../../data/index.ts";
import type { Spoken } from "../../tasks/index.ts";

/** How an example is shown and asked about. */
export interface Asking {
  /** Columns that the model sees. */
  readonly columns: readonly string[];
  /** What of an example is shown, with `{column}` for its values; every column by its name where it is left out. */
  readonly template?: string | undefined;
  /** What is said before everything else. */
  readonly system?: string | undefined;
  /** What is asked in place of the task's own question. */
  readonly question?: string | undefined;
}

/** An example as a question in words. */
export interface Question {
  readonly id: string;
  readonly example: Example;
  /** What the model sees of it. */
  readonly shown: string;
  readonly asked: string;
  readonly choices?: readonly string[] | undefined;
}

/** The letter of a choice. */
export const letterOf = (choice: number): string => String.fromCharCode(65 + choice);

/** Puts an example into words. */
export function questionOf(id: string, example: Example, spoken: Spoken, asking: Asking): Question {
  const values = Object.fromEntries(
    asking.columns.map((name) => [
      name,
      example[name] === null || example[name] === undefined ? "" : textOfField(example[name]),
    ]),
  );
  const shown =
    asking.template === undefined
      ? asking.columns.length === 1
        ? values[asking.columns[0]!]!
        : asking.columns.map((name) => `${name}: ${values[name]}`).join("\n")
      : fillTemplate(asking.template, values);
  const choices = spoken.choices?.(example);
  return {
    id,
    example,
    shown,
    asked: asking.question ?? spoken.question,
    ...(choices === undefined ? {} : { choices }),
  };
}

/**
 * The words of a question.
 *
 * @param order positions of the choices as they are listed; as they are where it is left out
 * @param context what is known beside the example: paths of a graph, findings
 */
export function wordsOf({ shown, asked, choices }: Question, order?: readonly number[], context = ""): string {
  const listed = choices === undefined ? [] : (order ?? choices.map((_, i) => i));
  return [
    ...(context === "" ? [] : [context, ""]),
    ...(shown === "" ? [] : [shown, ""]),
    asked,
    ...listed.map((choice, place) => `(${letterOf(place)}) ${choices![choice]!}`),
  ].join("\n");
}

/** A question as messages, behind what is said before everything else. */
export const messagesOf = (
  content: string,
  { system }: Pick<Asking, "system">,
  before: readonly Message[] = [],
): Message[] => [
  ...(system === undefined ? [] : [{ role: "system" as const, content: system }]),
  ...before,
  { role: "user", content },
];
