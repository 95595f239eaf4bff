import type { z } from "zod";
import { ask } from "./measuring/child.ts";
import { compared, median, medianInterval, plain } from "./measuring/figures.ts";
import { kindAnswerSchema, kindNames, textsAnswerSchema, type textsQuestionSchema } from "./reading/messages.ts";
import type { Measure } from "./result.ts";

/** How much is measured. */
export interface ReadingEffort {
  /** Texts, rounds, timed steps of each run in them, and seconds of each block of matrix products. */
  readonly texts: z.output<typeof textsQuestionSchema>;
  /** Training steps of each kind of column. */
  readonly kindSteps: number;
  /** Kinds of column that are measured. */
  readonly kinds: readonly (typeof kindNames)[number][];
}

/** Enough for figures that hold on a quiet machine; about three minutes on two cores. */
export const fullReading: ReadingEffort = {
  texts: { count: 4000, batchSize: 16, rounds: 4, steps: 12, secondsPerBlock: 0.5 },
  kindSteps: 40,
  kinds: kindNames,
};

/** As little as exercises every way of measuring, or every row; the figures mean nothing. */
export const quickReading = (everyRow: boolean): ReadingEffort => ({
  texts: { count: 400, batchSize: 4, rounds: 1, steps: 2, secondsPerBlock: 0 },
  kindSteps: 2,
  kinds: everyRow ? kindNames : ["references to a table of texts"],
});

/** How the figures come about, for whoever reads a result. */
export const readingMethod =
  "Texts: masked tokens with a BERT of 4 layers and width 256 on drawn texts of 4 to 120 words, half of them below 28, 16 " +
  "texts at the longest shape; runs in shapes of the texts' lengths and with all texts padded to the longest, in turns with " +
  "matrix products; shapes are compiled before time is taken. The share of the rate is that of the matrix products of all " +
  "steps, padding included, in the mean of the products before and after the run: the median over the rounds with a 95% " +
  "interval. Kinds: each in a process of its own, drawn examples in memory, small networks of the recipes, one thread that " +
  "prepares batches beside the training; reading alone: the same batches made by one thread and nothing else, looking at " +
  "every example once included, beside how fast training uses them.";

const shown = { shapes: "in shapes of their lengths", longest: "padded to the longest" } as const;

function textMeasures(answer: z.output<typeof textsAnswerSchema>): Measure[] {
  const tokens = (way: keyof typeof shown): Measure =>
    plain(`texts ${shown[way]}: tokens, median`, median(answer[way].tokensPerSecond), "tokens/s");
  const longest = tokens("longest");
  const rest = (way: keyof typeof shown): Measure[] => [
    {
      ...plain(`texts ${shown[way]}: share of the rate of the products around it`, 0, ""),
      ...medianInterval(answer[way].shares),
    },
    plain(`texts ${shown[way]}: padding computed`, answer[way].padding, "share"),
  ];
  const { name, value, unit } = tokens("shapes");
  return [longest, ...rest("longest"), compared(name, value, unit, longest), ...rest("shapes")];
}

function kindMeasures(kind: string, { read, trained, waiting }: z.output<typeof kindAnswerSchema>): Measure[] {
  const used = plain(`${kind}: examples used in training`, trained, "examples/s");
  return [
    used,
    compared(`${kind}: examples read alone`, read, "examples/s", used),
    plain(`${kind}: training time spent waiting for data`, waiting, "share"),
  ];
}

/** Measures training on texts of many lengths, and what reading each kind of column costs. */
export async function measureReading({ texts, kindSteps, kinds }: ReadingEffort): Promise<Measure[]> {
  const measures = textMeasures(await ask("reading/measure-texts", texts, textsAnswerSchema));
  for (const kind of kinds)
    measures.push(
      ...kindMeasures(kind, await ask("reading/measure-kind", { kind, steps: kindSteps }, kindAnswerSchema)),
    );
  return measures;
}
