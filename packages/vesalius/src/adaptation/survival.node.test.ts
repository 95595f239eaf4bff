import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { randomStream } from "../common/random.ts";
import { eventsColumn, type numbersColumn, type Split } from "../data/index.ts";
import { coxRegression, evaluate, type SurvivalAnswer } from "../evaluation/index.ts";
import { fitTask, type Model, survival } from "../tasks/index.ts";
import { collected, datasetOf, measurements, recordNetwork, splitOf } from "../tasks/learning.test.helper.ts";
import { adapt, linearProbe, scratch } from "./index.ts";
import { loadModel } from "./load-model.node.ts";

const logRisk = ([age, marker]: readonly number[], linear: boolean): number =>
  linear ? 0.8 * age! - 0.5 * marker! : age! - marker! * marker!;

/** Patients whose times follow their risk exponentially (or its opposite), a third of them censored. */
function patients(name: string, length: number, { sign = 1, linear = false } = {}): Split {
  const { record, rows } = measurements(name, length);
  const stream = randomStream(9, name);
  const drawn = rows.map((row) => {
    const event = (-12 * Math.log(1 - stream.uniform())) / Math.exp(sign * logRisk(row, linear));
    const end = 40 * stream.uniform();
    return { time: Math.min(event, end), observed: event <= end ? 1 : 0 };
  });
  const event = eventsColumn(
    drawn.map(({ time }) => time),
    drawn.map(({ observed }) => observed),
  );
  return splitOf(name, { record, event });
}

const [train, validation] = [patients("train", 384), patients("validation", 192)];
type SurvivalTask = ReturnType<typeof survival>;
const taskOf = (settings: object = {}, data = train): SurvivalTask =>
  fitTask({ name: "survival", unit: "months", ...settings }, datasetOf({ train: data })) as unknown as SurvivalTask;
const options = { method: scratch(), epochs: 40, batchSize: 64, learningRate: 0.01, seed: 1, workers: 0 };
const network = recordNetwork({ depth: 2, width: 32 });

const metricsOf = async (model: Model<SurvivalAnswer>, task: SurvivalTask) => {
  const { metrics, floors } = await evaluate(model, task, validation, { resamples: 2 });
  const value = (name: string): number => metrics[name]!.value!;
  return {
    concordance: value("concordanceIndex"),
    brier: value("integratedBrierScore"),
    floor: floors["integratedBrierScore"]!,
  };
};

describe("survival", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "vesalius-survival-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(["proportionalHazards", "hazards"])("ranks patients and predicts their survival with %s", async (name) => {
    const task = taskOf({ model: name });
    const model = await adapt(network, task, { ...options, data: train });
    const { concordance, brier, floor } = await metricsOf(model, task);
    expect(concordance).toBeGreaterThan(0.72);
    expect(brier).toBeLessThan(0.85 * floor);
    const path = join(folder, name);
    await model.save(path);
    const loaded = (await loadModel(path)) as unknown as typeof model;
    const [before, after] = [await collected(model.predict(validation)), await collected(loaded.predict(validation))];
    expect(after).toEqual(before);
    const { times, horizons } = task.settings["evaluation"] as { times: number[]; horizons: number[] };
    for (const { answer } of before) {
      const curve = Array.from(answer!.survival!);
      expect(curve).toHaveLength(times.length);
      curve.forEach((probability, i) => expect(probability).toBeLessThanOrEqual(i === 0 ? 1 : curve[i - 1]!));
    }
    const [{ answer: one }] = before as [(typeof before)[number]];
    expect(task.toJson(one!)).toMatchObject({
      risk: one!.risk,
      horizons: { [`survival at ${horizons[0]} months`]: one!.survival![times.indexOf(horizons[0]!)] },
    });
    const [file] = await collected(task.files(model.predict(validation), validation));
    const [head, first] = String(file!.content).split("\n");
    expect(head).toBe(`id,time,event,risk,${horizons.map((time) => `survival at ${time} months`).join(",")}`);
    expect(first!.split(",")).toHaveLength(4 + horizons.length);
    await model.release();
    await loaded.release();
  });

  it("is Cox regression with a network without hidden layers", async () => {
    const linear = patients("train", 384, { linear: true });
    const { time, observed } = linear.columns["event"] as ReturnType<typeof eventsColumn>;
    const { values } = linear.columns["record"] as ReturnType<typeof numbersColumn>;
    const expected = coxRegression(values, { time, event: observed }, { ties: "breslow" });
    const task = taskOf({}, linear);
    const model = await adapt(recordNetwork({ depth: 0, missing: false }), task, {
      ...options,
      data: linear,
      steps: 400,
      batchSize: 384,
      weightDecay: 0,
      learningRate: 0.05,
    });
    const weight = model.weights.get("risk.weight")!.data as Float32Array;
    const { std } = model.backbone.preparation["record"] as unknown as { std: number[] };
    weight.forEach((value, i) => expect(value / std[i]!).toBeCloseTo(expected.coefficients[i]!, 2));
    await model.release();
  });

  it("learns the opposite from reversed times", async () => {
    const reversed = patients("train", 384, { sign: -1 });
    const task = taskOf({}, reversed);
    const model = await adapt(network, task, { ...options, data: reversed });
    expect((await metricsOf(model, task)).concordance).toBeLessThan(0.4);
    await model.release();
  });

  it("trains a probe, and gives risks alone before a baseline is known", async () => {
    const task = taskOf();
    const { backbone, weights } = await adapt(network, task, { ...options, data: train });
    const own = new Map([...weights].filter(([name]) => !name.startsWith("risk.")));
    const model = await adapt({ ...backbone, weights: own }, task, { ...options, method: linearProbe(), data: train });
    expect((await metricsOf(model, task)).concordance).toBeGreaterThan(0.7);
    await model.release();
    const risk = { dtype: "float32" as const, shape: [], data: Float32Array.of(0.5) };
    const result = { id: "a", row: 0, example: {}, outputs: { risk } };
    expect(task.decode(result, { backbone: model.backbone, fitted: new Map() })).toEqual({ risk: 0.5 });
  });

  it("refuses times that say nothing, before time is spent", () => {
    const of = (time: readonly number[], observed: readonly number[]) =>
      splitOf("train", {
        record: measurements("few", time.length).record,
        event: {
          kind: "events",
          length: time.length,
          time: Float64Array.from(time),
          observed: Uint8Array.from(observed),
        } as never,
      });
    const task = taskOf();
    expect(() => task.check(of([1, 2], [0, 0]), "training")).toThrow(/no event was observed/);
    expect(() => task.check(of([1, -2], [1, 0]), "evaluation")).toThrow(/negative .* row 2/);
    const missing = splitOf("train", { event: eventsColumn([1, NaN], [1, 0]) });
    expect(() => task.check(missing, "training")).toThrow(/1 training examples have no time/);
    expect(() => task.check(missing, "evaluation")).not.toThrow();
    expect(task.strata!(missing)).toEqual(Int32Array.of(1, -1));
    expect(() => taskOf({}, of([3, 3, 3, 3], [1, 1, 0, 1]))).toThrow(/no span/);
    expect(() => survival({})).toThrow(/fitTask/);
    expect(() => survival({ model: "weibull" } as never)).toThrow(/model/);
  });
});
