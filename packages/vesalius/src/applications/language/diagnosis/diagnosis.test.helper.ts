import { adapt, scratch } from "../../../adaptation/index.ts";
import { randomStream } from "../../../common/random.ts";
import { categoriesColumn, classesColumn, type Split, textsColumn, timelinesColumn } from "../../../data/index.ts";
import type { ClassificationAnswer } from "../../../evaluation/index.ts";
import { createBackbone } from "../../../models/index.ts";
import { classification, type CodesAnswer, type Model, nextCodes } from "../../../tasks/index.ts";
import { splitOf } from "../../../tasks/learning.test.helper.ts";

export const conditions = ["cold", "flu", "measles"];
export const findings = ["cough", "fever", "runny nose", "rash", "headache"];
/** Share of the patients with a condition who have a finding; of a headache the same for all. */
const shares = [
  [0.5, 0.02, 0.95, 0.02, 0.5],
  [0.5, 0.97, 0.3, 0.02, 0.5],
  [0.5, 0.95, 0.3, 0.97, 0.5],
];

/** Patients with three conditions; of each finding some are not asked about. */
export function patients(name: string, length: number): Split {
  const stream = randomStream(11, name);
  const label = Array.from({ length }, (_, row) => row % 3);
  const values = label.flatMap((condition) =>
    shares[condition]!.map((share) => (stream.uniform() < 0.1 ? -1 : Number(stream.uniform() < share))),
  );
  return splitOf(name, {
    findings: categoriesColumn(
      findings,
      findings.map(() => ["false", "true"]),
      length,
      values,
    ),
    label: classesColumn(conditions, label),
  });
}

const options = { seed: 1, workers: 0 };

/** A network of findings, trained with random ones unknown. */
export const findingsNetwork = (): Promise<Model<ClassificationAnswer>> =>
  adapt(
    {
      ...createBackbone({ name: "perceptron", depth: 1, width: 16, missing: false }),
      columns: { record: ["findings"] },
      encoders: { record: { indicators: "plain" } },
    },
    classification({ classes: conditions }),
    {
      method: scratch(),
      data: patients("train", 300),
      ...options,
      epochs: 20,
      batchSize: 32,
      learningRate: 1e-2,
      transforms: [{ name: "dropValues" }],
    },
  );

const words = [
  ["sneezing all day", "my nose runs"],
  ["shivering and sore limbs", "high temperature"],
  ["red spots everywhere", "spots behind the ears"],
];

/** A network of the patient's words. */
export function textNetwork(): Promise<Model<ClassificationAnswer>> {
  const label = Array.from({ length: 90 }, (_, row) => row % 3);
  const texts = label.map((condition, row) => `${words[condition]![(row >> 2) % 2]!}. It began on day ${row % 7}.`);
  const network = createBackbone({ name: "bert", preset: "nano", dropout: 0, initializerRange: 0.2, pooling: "mean" });
  const backbone = { ...network, encoders: { text: { tokenizer: { name: "words", lowercase: true }, lengths: [16] } } };
  const data = splitOf("train", { text: textsColumn(texts), label: classesColumn(conditions, label) });
  return adapt(backbone, classification({ classes: conditions }), {
    method: scratch(),
    data,
    ...options,
    epochs: 8,
    batchSize: 16,
    learningRate: 1e-2,
  });
}

/** Codes of events: the visit before a C1 has a C0. */
export const codes = Array.from({ length: 5 }, (_, i) => ({
  category: "condition",
  system: "S",
  code: `C${i}`,
  name: `Condition ${i}`,
}));

/** A network of timelines that tells the codes that come next: C1 after C0, C2 otherwise. */
export function timelineNetwork(): Promise<Model<CodesAnswer>> {
  const stream = randomStream(12, "timelines");
  const drawn = Array.from({ length: 120 }, (_, row) => {
    const visits = Array.from({ length: 3 }, () => 3 + stream.integer(2));
    if (row % 2 === 0) visits[stream.integer(3)] = 0;
    return visits;
  });
  const event = (code: number, visit: number) => ({ code, time: 10 * visit, visit });
  const data = splitOf("train", {
    timeline: timelinesColumn(
      codes,
      drawn.map((visits) => ({ events: visits.map(event), age: 9000, end: 30 })),
    ),
    next: timelinesColumn(
      codes,
      drawn.map((visits) => ({ events: [event(visits.includes(0) ? 1 : 2, 3)] })),
    ),
  });
  const backbone = createBackbone({
    name: "behrt",
    width: 16,
    depth: 1,
    heads: 2,
    hiddenWidth: 16,
    dropout: 0,
    attentionDropout: 0,
    maximumPositions: 12,
    initializerRange: 0.2,
    pooling: "meanAndMaximum",
  });
  return adapt(backbone, nextCodes({ codes: codes.slice(1, 3) }), {
    method: scratch(),
    data,
    ...options,
    epochs: 20,
    batchSize: 16,
    learningRate: 1e-2,
  });
}
