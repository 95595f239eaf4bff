import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { labelsColumn, type Split } from "../data/index.ts";
import { evaluate, type LabelsAnswer } from "../evaluation/index.ts";
import { fitTask, type Model, multilabelClassification } from "../tasks/index.ts";
import { collected, datasetOf, measurements, recordNetwork, splitOf } from "../tasks/learning.test.helper.ts";
import { adapt, scratch } from "./index.ts";
import { loadModel } from "./load-model.node.ts";

const names = ["oedema", "effusion", "nodule"];

/** Three findings that depend on the measurements; the second was not annotated every third time, the third is rare. */
function patients(name: string, length: number, sign = 1): Split {
  const { record, rows } = measurements(name, length);
  const values = rows.flatMap(([age, marker, other], row) => [
    sign * age! > 0 ? 1 : 0,
    row % 3 === 0 ? -1 : sign * (age! - marker!) > 0 ? 1 : 0,
    sign * other! > 1.3 ? 1 : 0,
  ]);
  return splitOf(name, { record, label: labelsColumn(names, length, Int8Array.from(values)) });
}

const [train, validation] = [patients("train", 256), patients("validation", 128)];
const taskOf = (settings: object = {}, data = train) =>
  fitTask({ name: "multilabelClassification", ...settings }, datasetOf({ train: data })) as unknown as ReturnType<
    typeof multilabelClassification
  >;
const options = { method: scratch(), epochs: 20, batchSize: 32, learningRate: 0.01, seed: 1, workers: 0 };
const network = recordNetwork({ depth: 2, width: 32 });
const metricsOf = async (model: Model<LabelsAnswer>, task: ReturnType<typeof multilabelClassification>) =>
  (await evaluate(model, task, validation, { resamples: 2 })).metrics;

describe("classification with several labels", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "vesalius-labels-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("learns each label from what was annotated, and is the same after loading", async () => {
    const task = taskOf({ thresholds: "f1" });
    const model = await adapt(network, task, { ...options, data: train });
    const metrics = await metricsOf(model, task);
    expect(metrics["rocAuc"]!.value).toBeGreaterThan(0.95);
    expect(metrics["f1"]!.value).toBeGreaterThan(0.8);
    await model.save(join(folder, "model"));
    const loaded = (await loadModel(join(folder, "model"))) as unknown as typeof model;
    const answers = await collected(loaded.predict(validation));
    expect(answers).toEqual(await collected(model.predict(validation)));
    expect(answers[0]!.answer!.thresholds).toHaveLength(3);
    await model.release();
    await loaded.release();
  });

  it("learns the opposite from reversed labels", async () => {
    const reversed = patients("train", 256, -1);
    const model = await adapt(network, taskOf({}, reversed), { ...options, data: reversed });
    expect((await metricsOf(model, taskOf({}, reversed)))["rocAuc"]!.value).toBeLessThan(0.2);
    await model.release();
  });

  it("finds more of a rare label where both answers weigh the same", async () => {
    const found = async (balanced: boolean): Promise<number> => {
      const task = taskOf({ balanced });
      const model = await adapt(network, task, { ...options, epochs: 3, data: train });
      const answers = await collected(model.predict(validation));
      await model.release();
      return answers.filter(({ answer }) => answer!.probabilities[2]! >= 0.5).length;
    };
    expect(await found(true)).toBeGreaterThan(await found(false));
  });

  it("does not look at labels that were not annotated", async () => {
    const column = train.columns["label"] as ReturnType<typeof labelsColumn>;
    const model = await adapt(network, taskOf(), { ...options, epochs: 1, data: train });
    // The encoder writes 0 for what is not annotated: were it counted, the label would be learned as absent there.
    const shown = splitOf("train", {
      record: train.columns["record"]!,
      label: labelsColumn(
        names,
        256,
        column.values.map((value, i) => (i % 3 === 1 ? -1 : value)),
      ),
    });
    expect(() => taskOf({}, shown).check(shown, "training")).toThrow(/tells effusion from its absence/);
    await model.release();
  });

  it("writes predictions beside what is known", async () => {
    const task = taskOf();
    const answers = async function* () {
      yield { id: "a", answer: { probabilities: [0.9, 0.2, 0.5] }, used: [] };
      yield { id: "b", answer: null, used: [], declined: "unreadable" };
    };
    const [file] = await collected(task.files(answers(), validation));
    const [head, first, second] = String(file!.content).split(/\r?\n/);
    expect(head).toBe("id,true oedema,true effusion,true nodule,given,oedema,effusion,nodule");
    expect(first).toMatch(/^a,[01],,[01],oedema\|nodule,0\.9,0\.2,0\.5$/);
    expect(second).toMatch(/^b,[01],[01],[01],,,,$/);
    expect(task.toJson({ probabilities: [0.9, 0.2, 0.5], thresholds: [0.95, 0.1, 0.5] })).toMatchObject({
      labels: ["effusion", "nodule"],
    });
  });

  it("divides examples by the rarest label that they have", () => {
    const values = Int8Array.of(1, 0, 0, 1, 1, 0, 1, 1, 1, 0, 0, 0, -1, -1, -1);
    const split = splitOf("train", { label: labelsColumn(names, 5, values) });
    expect(taskOf().strata!(split)).toEqual(Int32Array.of(0, 1, 2, 3, -1));
  });

  it("refuses what leaves nothing to learn, and labels of another model", () => {
    const task = taskOf();
    const split = (values: readonly number[], own = names) =>
      splitOf("train", { label: labelsColumn(own, values.length / own.length, Int8Array.from(values)) });
    expect(() => task.check(split([1, 1, 0, 1, 0, 1]), "training")).toThrow(/tells oedema/);
    expect(() => task.check(split([1, 1, 0, 1, 1, 0]), "evaluation")).toThrow(/no label is given/);
    expect(() => task.check(split([1, 1], ["nodule", "oedema"]), "evaluation")).toThrow(/in that order/);
    expect(() => multilabelClassification({})).toThrow(/fitTask/);
    expect(() => multilabelClassification({ labels: ["a"], balanced: true })).toThrow(/one for each label/);
    expect(() => multilabelClassification({ labels: ["a", "a"] })).toThrow(/different names/);
  });
});
