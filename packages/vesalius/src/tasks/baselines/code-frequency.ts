import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import { VesaliusError } from "../../common/errors.ts";
import { readExamples } from "../../data/dataset/index.ts";
import { codeKey, type Timeline } from "../../data/index.ts";
import { requireColumn } from "../columns.ts";
import { type CodesAnswer, countCodes, nextCodesSchema, ranked } from "../next-codes.ts";
import type { Predictor } from "../predictor.ts";
import type { Answered } from "../task.ts";
import type { BaselineContext, BaselineModel } from "./baseline.ts";

const settingsSchema = z.strictObject({
  /** Whether codes that a patient has had rank by how often, before all others. */
  ownPast: z.boolean().default(false),
});

function required({ task, train, columns }: BaselineContext, ownPast: boolean) {
  if (task.name !== "nextCodes")
    throw new VesaliusError("bad-configuration", `code frequency answers nextCodes, and the task is ${task.name}`, {
      where: "evaluation.baselines",
      fix: "leave the baseline out",
    });
  const { column, codes } = nextCodesSchema.parse(task.settings);
  const past = columns.filter((name) => name !== column && train.columns[name]?.kind === "timelines");
  if (ownPast && past.length === 0)
    throw new VesaliusError(
      "bad-configuration",
      "the network reads no timelines that a patient's past could be counted in",
      {
        where: "evaluation.baselines",
        fix: "leave ownPast out",
      },
    );
  return { column, codes: codes!, past: ownPast ? past : [] };
}

/** The most frequent codes of the training examples, the same for everybody, or those of a patient's own past first. */
export const codeFrequencyBaseline = entry({
  name: "codeFrequency",
  summary: "The codes that come next most often in the training examples, or a patient's own past codes first.",
  settings: settingsSchema,
  create: ({ ownPast }): BaselineModel => ({
    title: ownPast ? "A patient's own past codes" : "Most frequent codes",
    columns(context) {
      const { column, past } = required(context, ownPast);
      return [...past, column];
    },
    fit(context): Promise<Predictor> {
      const { column, codes, past } = required(context, ownPast);
      const counted = countCodes(requireColumn(context.train, column, "timelines"));
      const counts = new Map(counted.map(({ code, count }) => [codeKey(code), count]));
      const share = codes.map((code) => (counts.get(codeKey(code)) ?? 0) / context.train.length);
      const places = new Map(codes.map((code, i) => [codeKey(code), i]));
      const predictor: Predictor<CodesAnswer> = {
        async *predict(split): AsyncGenerator<Answered<CodesAnswer>> {
          for (const [row, id] of split.ids.entries()) {
            const scores = Float32Array.from(share);
            const [example] = past.length === 0 ? [] : await readExamples(split, past, [row]);
            for (const name of past) {
              const timeline = example?.[name] as Timeline | null | undefined;
              timeline?.codes.forEach((code) => {
                const place = places.get(codeKey(timeline.codeTable[code]!));
                if (place !== undefined) scores[place]! += 1;
              });
            }
            // Scores, not chances: only their order counts.
            const most = Math.max(1, ...scores);
            yield {
              id,
              answer: { probabilities: scores.map((score) => score / most), rows: ranked(scores) },
              used: past,
            };
          }
        },
        release: () => Promise.resolve(),
      };
      return Promise.resolve(predictor);
    },
  }),
});
