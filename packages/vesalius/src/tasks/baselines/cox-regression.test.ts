import { describe, expect, it } from "vitest";
import { randomStream } from "../../common/random.ts";
import { categoriesColumn, eventsColumn, numbersColumn, type Split, textsColumn } from "../../data/index.ts";
import { coxRegression, evaluate } from "../../evaluation/index.ts";
import { fitTask } from "../create-task.ts";
import { collected, datasetOf, splitOf } from "../learning.test.helper.ts";
import type { BaselineContext } from "./baseline.ts";
import { baselines } from "./index.ts";

const stages = ["early", "late"];

/** Patients whose hazard grows with a marker and with the stage; some markers are missing. */
function patients(name: string, length: number, missing = 0): Split {
  const stream = randomStream(4, name);
  const drawn = Array.from({ length }, (_, row) => {
    const [marker, stage] = [stream.normal(), stream.integer(2)];
    const event = (-12 * Math.log(1 - stream.uniform())) / Math.exp(0.9 * marker + 0.7 * stage);
    const end = 40 * stream.uniform();
    const shown = row % 10 < 10 * missing ? Number.NaN : 50 + 9 * marker;
    return { marker: shown, stage, time: Math.min(event, end), observed: event <= end ? 1 : 0 };
  });
  const of = <Key extends keyof (typeof drawn)[number]>(key: Key) => drawn.map((one) => one[key]);
  return splitOf(name, {
    covariates: numbersColumn(["marker"], length, of("marker")),
    categories: categoriesColumn(["stage"], [stages], length, of("stage")),
    note: textsColumn(drawn.map((_, row) => `note ${row}`)),
    event: eventsColumn(of("time"), of("observed")),
  });
}

const [train, validation] = [patients("train", 300), patients("validation", 150)];
const taskOf = (data: Split) => fitTask({ name: "survival" }, datasetOf({ train: data }));
const context = (more: Partial<BaselineContext> = {}): BaselineContext => ({
  task: taskOf(train),
  train,
  columns: ["covariates", "categories", "event"],
  ...more,
});
const cox = (settings: object = {}) => baselines.create({ name: "coxRegression", ...settings });
const concordance = async (given: BaselineContext, split: Split): Promise<number> => {
  const { metrics } = await evaluate(await cox().fit(given), given.task, split, { resamples: 2 });
  return metrics["concordanceIndex"]!.value!;
};

describe("Cox regression as a baseline", () => {
  it("answers what the regression on the same covariates answers", async () => {
    const model = cox({ columns: ["covariates"], ridge: 0.01, ties: "breslow" });
    expect(model.columns(context())).toEqual(["covariates", "event"]);
    const answers = await collected((await model.fit(context())).predict(validation));
    const read = (split: Split, key: string) => split.columns[key] as never as { values: ArrayLike<number> };
    const { time, observed } = train.columns["event"] as ReturnType<typeof eventsColumn>;
    const direct = coxRegression(
      read(train, "covariates").values,
      { time, event: observed },
      { ridge: 0.01, ties: "breslow" },
    );
    const risk = direct.risk(read(validation, "covariates").values);
    expect(answers).toHaveLength(150);
    for (const [row, { id, answer }] of answers.entries()) {
      expect(id).toBe(validation.ids[row]);
      expect((answer as { risk: number }).risk).toBeCloseTo(risk[row]!, 4);
    }
  });

  it("uses numbers and categories that the network reads, and does without what is missing", async () => {
    const all = await concordance(context(), validation);
    expect(all).toBeGreaterThan((await concordance(context({ columns: ["covariates"] }), validation)) + 0.01);
    const gaps = patients("train", 300, 0.2);
    const some = await concordance(context({ train: gaps }), patients("validation", 150, 0.2));
    expect(some).toBeGreaterThan(0.6);
    expect(some).toBeLessThan(all);
  });

  it("predicts survival at the times of the evaluation, falling and better than one curve for all", async () => {
    const given = context();
    const fitted = await cox().fit(given);
    const { metrics, floors } = await evaluate(fitted, given.task, validation, { resamples: 2 });
    expect(metrics["integratedBrierScore"]!.value!).toBeLessThan(0.9 * floors["integratedBrierScore"]!);
  });

  it.each([
    ["a task that is not survival", { task: { ...taskOf(train), name: "regression" } }, {}, /answers survival/],
    ["a network that reads neither", { columns: ["note"] }, {}, /no numbers and no categories/],
    ["a column of another kind", {}, { columns: ["note"] }, /called note/],
    ["a column that is not there", {}, { columns: ["blood"] }, /called blood/],
  ])("refuses %s before anything is fitted", (_, more, settings, message) => {
    expect(() => cox(settings).columns(context(more))).toThrow(message);
  });

  it("says that covariates which determine each other need a ridge", async () => {
    await expect(cox({ ridge: 0 }).fit(context())).rejects.toThrow(/ridge/);
  });
});
