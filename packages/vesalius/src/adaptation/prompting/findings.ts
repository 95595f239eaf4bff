import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import { type Prompting, replyOf } from "./prompting.ts";
import { messagesOf, wordsOf } from "./question.ts";
import { maximumTokensSchema } from "./zero-shot.ts";

const settingsSchema = z.strictObject({
  /** Columns that hold what detectors found: texts, or probabilities whose names are given. */
  columns: z.array(z.string().min(1)).min(1),
  /** Names of the numbers of a column, in order: classes of the detector. */
  names: z.record(z.string(), z.array(z.string().min(1)).min(1)).default({}),
  /** Probability from which a finding is told; how sure the detector is is said beside. */
  threshold: z.number().min(0).max(1).default(0.5),
  /** Most tokens of an answer. */
  maximumTokens: maximumTokensSchema,
});

/** How sure a detector is, in the words of ChatCAD's prompts. */
const sureness = (probability: number): string =>
  probability >= 0.9 ? "certainly" : probability >= 0.7 ? "probably" : "possibly";

/** What a column says, in words; empty where it says nothing. */
function wordsOfFinding(name: string, value: unknown, names: readonly string[] | undefined, threshold: number): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value.trim() === "" ? "" : `${name}: ${value}`;
  if (typeof value === "number") return `${name}: ${names?.[value] ?? value}`;
  const numbers = Array.from(value as ArrayLike<number>);
  const told = numbers.flatMap((number, i) =>
    number >= threshold ? [`${sureness(number)} ${names?.[i] ?? `finding ${i + 1}`} (${number.toFixed(2)})`] : [],
  );
  return `${name}: ${told.length === 0 ? "nothing found" : told.join(", ")}`;
}

/**
 * What detectors found, put into words in front of the question: networks see, the language model reasons (ChatCAD, Wang et
 * al. 2023; Visual Med-Alpaca, 2023; OphGLM, Gao et al. 2023).
 */
export const findings = entry({
  name: "findings",
  summary: "What detectors found in the example, put into words in front of the question.",
  paper: "Wang et al. 2023, ChatCAD",
  settings: settingsSchema,
  create: ({ columns, names, threshold, maximumTokens }): Prompting => ({
    name: "findings",
    settings: { columns, names, threshold, maximumTokens },
    columns,
    open: ({ model, spoken, asking, signal }) =>
      Promise.resolve(async (question) => {
        const told = columns
          .map((name) => wordsOfFinding(name, question.example[name], names[name], threshold))
          .filter((words) => words !== "");
        const context = told.length === 0 ? "" : `Findings:\n${told.join("\n")}`;
        const { text } = await model.complete(messagesOf(wordsOf(question, undefined, context), asking), {
          maximumTokens,
          ...(signal === undefined ? {} : { signal }),
        });
        return replyOf(spoken.hear(text, question.example));
      }),
  }),
});
