import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { randomStream } from "../common/random.ts";
import { numbersColumn, type Split } from "../data/index.ts";
import { evaluate } from "../evaluation/index.ts";
import { fitTask, type Model, type RegressionAnswer, regression, type Task } from "../tasks/index.ts";
import { collected, datasetOf, measurements, recordNetwork, splitOf } from "../tasks/learning.test.helper.ts";
import { adapt, fullFineTuning, linearProbe, scratch } from "./index.ts";
import { loadModel } from "./load-model.node.ts";

/** Two targets on very different scales; the second is missing every fourth time. */
function patients(name: string, length: number, sign = 1): Split {
  const { record, rows } = measurements(name, length);
  const noise = randomStream(8, name);
  const target = rows.flatMap(([age, marker, other], row) => [
    1000 + 200 * sign * (age! - marker! * marker! + 0.1 * noise.normal()),
    row % 4 === 0 ? NaN : 0.01 * sign * (other! + 0.1 * noise.normal()),
  ]);
  return splitOf(name, { record, target: numbersColumn(["weight", "dose"], length, target) });
}

const [train, validation] = [patients("train", 256), patients("validation", 128)];
const targets = [{ name: "weight", unit: "g" }, { name: "dose" }];
const taskOf = (settings: object, data = train) =>
  fitTask({ name: "regression", targets, ...settings }, datasetOf({ train: data })) as unknown as ReturnType<
    typeof regression
  >;
const options = { method: scratch(), epochs: 40, batchSize: 32, learningRate: 0.01, seed: 1, workers: 0 };
const network = recordNetwork({ depth: 2, width: 32 });

const r2Of = async (model: Model<RegressionAnswer>, task: ReturnType<typeof regression>, name: string) => {
  const report = await evaluate(model, task, validation, { resamples: 2 });
  return report.breakdown.find((part) => part.name === name)!.metrics["r2"]!.value!;
};

describe("regression", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "vesalius-regression-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(["squaredError", "huber", "gaussian"])("learns numbers in their own unit with %s", async (loss) => {
    const task = taskOf({ loss });
    const model = await adapt(network, task, { ...options, data: train });
    expect(await r2Of(model, task, "weight")).toBeGreaterThan(0.7);
    expect(await r2Of(model, task, "dose")).toBeGreaterThan(0.8);
    const path = join(folder, loss);
    await model.save(path);
    const loaded = (await loadModel(path)) as unknown as typeof model;
    const [before, after] = [model, loaded].map((one) => collected(one.predict(validation)));
    expect(await after).toEqual(await before);
    expect(loaded.task.settings).toEqual(task.settings);
    await model.release();
    await loaded.release();
  });

  it("learns the opposite from reversed numbers", async () => {
    const reversed = patients("train", 256, -1);
    const task = taskOf({}, reversed);
    const model = await adapt(network, task, { ...options, data: reversed });
    expect(await r2Of(model, task, "dose")).toBeLessThan(0);
    await model.release();
  });

  it("says how sure it is with the Gaussian loss", async () => {
    const task = taskOf({ loss: "gaussian" });
    const model = await adapt(network, task, { ...options, data: train });
    const answers = await collected(model.predict(validation));
    const truth = validation.columns["target"] as ReturnType<typeof numbersColumn>;
    const inside = answers.filter(({ answer }, row) => {
      const { values, deviations } = answer!;
      return Math.abs(values[0]! - truth.values[2 * row]!) < 2 * deviations![0]!;
    });
    expect(inside.length / answers.length).toBeGreaterThan(0.6);
    expect(task.toJson(answers[0]!.answer!)).toMatchObject({ weight: { unit: "g", deviation: expect.any(Number) } });
    await model.release();
  });

  it("trains a probe on frozen features of a network that learned the numbers before", async () => {
    const task = taskOf({});
    const { backbone, weights } = await adapt(network, task, { ...options, data: train });
    const own = new Map([...weights].filter(([name]) => !name.startsWith("head.")));
    for (const method of [linearProbe(), fullFineTuning()]) {
      const model = await adapt({ ...backbone, weights: own }, task, { ...options, method, data: train });
      expect(await r2Of(model, task, "weight")).toBeGreaterThan(0.6);
      await model.release();
    }
  });

  it("writes predictions beside what is known", async () => {
    const task = taskOf({}) as unknown as Task<unknown, RegressionAnswer>;
    const answers = async function* () {
      yield { id: "a", answer: { values: Float32Array.of(1, 2) }, used: [] };
      yield { id: "b", answer: null, used: [], declined: "unreadable" };
    };
    const files = await collected(task.files(answers(), validation));
    const [head, first, second] = String(files[0]!.content).split(/\r?\n/);
    expect(head).toBe("id,true weight,true dose,weight,dose");
    expect(first).toMatch(/^a,[\d.]+,,1,2$/);
    expect(second).toMatch(/^b,[\d.]+,-?[\d.e-]+,,$/);
  });

  it("refuses what leaves nothing to learn, before time is spent", async () => {
    const one = (values: readonly number[], names = ["weight", "dose"]) =>
      splitOf("train", {
        record: measurements("few", values.length / names.length).record,
        target: numbersColumn(names, values.length / names.length, values),
      });
    const task = taskOf({});
    expect(() => task.check(one([1, 1, 1, 2]), "training")).toThrow(/all examples have one value of weight/);
    expect(() => task.check(one([1, NaN, 2, NaN]), "evaluation")).toThrow(/no example has a value of dose/);
    expect(() => task.check(one([1, 1, Infinity, 2]), "training")).toThrow(/infinite/);
    expect(() => task.check(one([1, 2, 3, 4], ["dose", "weight"]), "evaluation")).toThrow(/in that order/);
    expect(() => taskOf({ targets: [{ name: "height" }] })).toThrow(/no numbers height/);
    expect(() => taskOf({ column: "record2" })).toThrow(/no column record2/);
    expect(() => regression({})).toThrow(/fitTask/);
    expect(() => regression({ loss: "squared" } as never)).toThrow(/loss/);
    expect(() => fitTask({ name: "regression" }, datasetOf({}))).toThrow(/no split called train/);
    expect(task.strata!(one([3, 0, 1, 0, 4, 0, 2, 0]))).toEqual(Int32Array.of(2, 0, 3, 1));
    await expect(adapt(network, task, { ...options, data: one([1, 1, 1, 2]) })).rejects.toThrow(/one value of weight/);
  });
});
