import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import { VesaliusError } from "../../common/errors.ts";
import { randomStream } from "../../common/random.ts";
import { readExamples } from "../../data/dataset/index.ts";
import { type Column, encoders, type Split } from "../../data/index.ts";
import { type CoxModel, coxRegression, type SurvivalAnswer } from "../../evaluation/index.ts";
import { requireColumn } from "../columns.ts";
import type { Predictor } from "../predictor.ts";
import { followUpOf } from "../survival/follow-up.ts";
import { survivalSchema } from "../survival.ts";
import type { Answered, Task } from "../task.ts";
import type { BaselineContext, BaselineModel } from "./baseline.ts";

const settingsSchema = z.strictObject({
  /** Columns of the covariates, numbers or categories; those of these kinds that the network reads where it is left out. */
  columns: z.array(z.string()).min(1).optional(),
  /** Strength of the quadratic penalty on coefficients of standardised covariates. */
  ridge: z.number().nonnegative().default(0.001),
  /** How events at one time are treated. */
  ties: z.enum(["efron", "breslow"]).default("efron"),
});
type Settings = z.output<typeof settingsSchema>;

const kinds = ["numbers", "categories"];

function covariatesOf({ columns: asked }: Settings, { task, train, columns }: BaselineContext): readonly string[] {
  if (task.name !== "survival")
    throw new VesaliusError("bad-configuration", `Cox regression answers survival, and the task is ${task.name}`, {
      where: "evaluation.baselines",
      fix: "leave the baseline out",
    });
  const found = asked ?? columns.filter((name) => kinds.includes(train.columns[name]?.kind ?? ""));
  const wrong = found.find((name) => !kinds.includes(train.columns[name]?.kind ?? ""));
  if (found.length > 0 && wrong === undefined) return found;
  const all = Object.keys(train.columns).filter((name) => kinds.includes(train.columns[name]!.kind));
  throw new VesaliusError(
    "bad-configuration",
    wrong === undefined
      ? "the network reads no numbers and no categories that a Cox regression could"
      : `there is no column of numbers or categories called ${wrong}`,
    { where: "evaluation.baselines", fix: `name columns of ${all.join(", ") || "numbers (there are none)"}` },
  );
}

const survivalSettings = ({ settings }: Task) => {
  const { column, evaluation } = survivalSchema.parse(settings);
  return { column, times: evaluation!.times };
};

/** Reads covariates as numbers `[rows, numbers]`, standardised by the training examples; 0, their mean, where one is missing. */
async function covariateReader(train: Split, names: readonly string[]) {
  const columnsIn = (split: Split): Column[] => names.map((name) => split.columns[name]!);
  const entryOfNumbers = encoders.entry("numbers");
  const given = encoders.parse({ name: "numbers" });
  const fitted = await entryOfNumbers.fit!(given as never, columnsIn(train), { seed: 0 });
  const encoder = encoders.create({ ...fitted, name: "numbers" });
  return async (split: Split): Promise<Float32Array> => {
    const own = encoder.forColumns!(columnsIn(split));
    const rows = Array.from({ length: split.length }, (_, row) => row);
    const examples = (await readExamples(split, names, rows)).map((example) => {
      const values = names.map((name) => example[name]);
      return values.includes(null) ? null : own.prepare!(values);
    });
    const into = Object.fromEntries(
      Object.entries(own.inputs(split.length, 0)).map(([name, { shape }]) => [
        name,
        new Float32Array(shape.reduce((product, extent) => product * extent, 1)),
      ]),
    );
    await own.encode(examples, into, {
      extent: 0,
      random: () => randomStream(0, "covariates"),
    });
    return into["values"]!;
  };
}

/** Answers of a fitted model in the order of a split. */
function predictorOf(
  model: CoxModel,
  read: (split: Split) => Promise<Float32Array>,
  times: readonly number[],
): Predictor<SurvivalAnswer> {
  return {
    async *predict(split): AsyncGenerator<Answered<SurvivalAnswer>> {
      const covariates = await read(split);
      const [risk, survival] = [model.risk(covariates), model.survival(covariates, times)];
      for (const [row, id] of split.ids.entries()) {
        const curve = survival.subarray(row * times.length, (row + 1) * times.length);
        yield { id, answer: { risk: risk[row]!, survival: curve }, used: ["record"] };
      }
    },
    release: () => Promise.resolve(),
  };
}

/** Cox's proportional hazards regression over the covariates (Cox 1972), the baseline of survival. */
export const coxRegressionBaseline = entry({
  name: "coxRegression",
  summary: "Cox's proportional hazards regression over the numbers and categories of a record, for survival.",
  settings: settingsSchema,
  paper: "Cox 1972, Regression Models and Life-Tables",
  create: (settings): BaselineModel => ({
    title: "Cox proportional hazards",
    columns: (context) => [...covariatesOf(settings, context), survivalSettings(context.task).column],
    async fit(context) {
      const { column, times } = survivalSettings(context.task);
      const read = await covariateReader(context.train, covariatesOf(settings, context));
      const followUp = followUpOf(requireColumn(context.train, column, "events"));
      const { ridge, ties } = settings;
      return predictorOf(coxRegression(await read(context.train), followUp, { ridge, ties }), read, times);
    },
  }),
});
