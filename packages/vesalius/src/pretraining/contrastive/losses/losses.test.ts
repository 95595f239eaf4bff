import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  crossEntropy,
  Graph,
  reshape,
  select,
  slice,
  add,
  sumOf,
  stopGradient,
  type Value,
} from "../../../graph/index.ts";
import { clipLoss, type ClipSimilarity } from "../../../models/index.ts";
import { expectLossReference, type LossCase } from "../../../testing/loss-reference.node.ts";
import { readFixture, runGraph } from "../../../testing/reference.node.ts";
import { contrastiveCaptioningLoss } from "../../hybrid/losses/contrastive-captioning.ts";
import {
  barlowTwinsLoss,
  byolLoss,
  decoupledContrastiveLoss,
  dinoLoss,
  globalSimilarity,
  imageTextLoss,
  koleoLoss,
  maskedPatchLoss,
  maskedSiameseLoss,
  negativeCosine,
  nextDinoCentre,
  ntXentLoss,
  queueContrastiveLoss,
  scaledSimilarity,
  sigmoidPairLoss,
  similarityDistillationLoss,
  simSiamLoss,
  sinkhorn,
  supervisedContrastiveLoss,
  swavLoss,
  updateCentre,
  updateQueue,
  vicRegLoss,
  warmupTemperature,
  wordRegionSimilarity,
} from "./index.ts";
import { consecutiveLabels } from "./similarities.ts";

type Inputs = (name: string) => Value;

const twoViews =
  (loss: (first: Value, second: Value) => Value, names: readonly [string, string] = ["out0", "out1"]): LossCase =>
  (input) => ({ loss: loss(input(names[0]), input(names[1])) });

const bothDirections = ({ logitsPerImage, logitsPerText }: ClipSimilarity) => {
  const labels = consecutiveLabels(logitsPerImage.graph, logitsPerImage.shape[0]!);
  const [loss0, loss1] = [crossEntropy(logitsPerImage, labels), crossEntropy(logitsPerText, labels)];
  return { loss0, loss1, loss: add(loss0, loss1) };
};

const dino =
  (epoch: number): LossCase =>
  (input) => {
    const teacher = ["t0", "t1"].map(input);
    const student = ["s0", "s1", "s2", "s3"].map(input);
    const teacherTemperature = warmupTemperature(epoch, { epochs: 5 });
    return {
      loss: dinoLoss(teacher, student, reshape(input("center"), [1, 10]), { teacherTemperature }),
      center_after: nextDinoCentre(input("center"), teacher),
    };
  };

const queue: LossCase = (input) => {
  const next = updateQueue(input("out1"), input("bank"), input("bank_ptr"));
  return {
    loss: queueContrastiveLoss(input("out0"), stopGradient(input("out1")), input("bank")),
    bank_after: next.queue,
    bank_ptr_after: next.position,
  };
};

const siamese =
  (loss: typeof simSiamLoss): LossCase =>
  (input) => ({
    loss: loss({ predictions: [input("p0"), input("p1")], projections: [input("z0"), input("z1")] }),
  });

const supervised =
  (options: Parameters<typeof supervisedContrastiveLoss>[2], withLabels = true): LossCase =>
  (input) => ({
    loss: supervisedContrastiveLoss(input("features"), withLabels ? input("labels") : undefined, options),
  });

const crops = (input: Inputs) => [["h0", "h1"].map(input), ["l0", "l1"].map(input)] as const;
const zNames = ["z_a", "z_b"] as const;

const cases: Readonly<Record<string, Readonly<Record<string, LossCase>>>> = {
  barlow_twins: {
    "l0.005": twoViews((a, b) => barlowTwinsLoss(a, b), zNames),
    "l0.1": twoViews((a, b) => barlowTwinsLoss(a, b, 0.1), zNames),
  },
  clip: {
    default: (input) => ({
      loss: imageTextLoss(input("image_features"), input("text_features"), input("logit_scale")),
    }),
  },
  clip_distill: {
    default: (input) => {
      const student = scaledSimilarity(input("image_features"), input("text_features"), input("logit_scale"));
      const teacher = scaledSimilarity(
        input("teacher_image_features"),
        input("teacher_text_features"),
        input("teacher_logit_scale"),
      );
      const [contrastive, distill] = [clipLoss(student), similarityDistillationLoss(student, teacher)];
      return { contrastive, distill, loss: add(contrastive, distill) };
    },
  },
  coca: {
    default: (input) => {
      const features = [input("image_features"), input("text_features"), input("logit_scale")] as const;
      const { contrastive, caption, loss } = contrastiveCaptioningLoss(...features, input("logits"), input("labels"));
      return { clip_loss: contrastive, caption_loss: caption, loss };
    },
  },
  dcl: {
    dcl: twoViews((a, b) => decoupledContrastiveLoss(a, b)),
    dclw: twoViews((a, b) => decoupledContrastiveLoss(a, b, { sigma: 0.5 })),
  },
  dino: { epoch1: dino(1), epoch10: dino(10) },
  gloria: {
    local: (input) => {
      const similarity = wordRegionSimilarity(
        input("image_features"),
        input("word_embeddings"),
        input("caption_lengths"),
      );
      const first = slice(select(select(similarity.attention, 0, 0), 0, 0), 0, 0, 5);
      return { ...bothDirections(similarity), attention_0: reshape(first, [1, 5, 3, 4]) };
    },
    global: (input) => bothDirections(globalSimilarity(input("image_global"), input("text_global"))),
  },
  koleo: { default: (input) => ({ loss: koleoLoss(input("x")) }) },
  moco_queue: { ptr0: queue, ptr4: queue, ptr10: queue },
  msn: {
    default: (input) => ({ loss: maskedSiameseLoss(input("anchors"), input("targets"), input("prototypes")) }),
  },
  negative_cosine: {
    single: twoViews(negativeCosine, ["x0", "x1"]),
    simsiam: siamese(simSiamLoss),
    byol: siamese(byolLoss),
  },
  ntxent: {
    "t0.5": twoViews((a, b) => ntXentLoss(a, b)),
    "t0.1": twoViews((a, b) => ntXentLoss(a, b, 0.1)),
  },
  siglip: {
    default: (input) => ({
      loss: sigmoidPairLoss(input("image_features"), input("text_features"), input("logit_scale"), input("logit_bias")),
    }),
  },
  supcon: {
    supcon_all: supervised({}),
    supcon_one: supervised({ anchors: "one" }),
    simclr_no_labels: supervised({ temperature: 0.1 }, false),
  },
  swav: {
    multicrop: (input) => ({ loss: swavLoss(...crops(input)) }),
    queue: (input) => ({ loss: swavLoss(...crops(input), { queues: [input("q0"), input("q1")] }) }),
  },
  vicreg: {
    default: twoViews((a, b) => vicRegLoss(a, b), zNames),
    alt: twoViews((a, b) => vicRegLoss(a, b, { invarianceWeight: 10, varianceWeight: 5, covarianceWeight: 2 }), zNames),
  },
};

describe.each(Object.entries(cases))("%s", (name, byCase) => {
  test.each(Object.entries(byCase))("%s: value and gradients of the original", async (caseName, build) => {
    await expectLossReference(name, caseName, build);
  });
});

test("ibot_patch: value, gradients and centre of the original", async () => {
  const mask = (await readFixture("loss/ibot_patch")).files.get("tensors")!.get("masked.input.mask")!;
  const [images, ...grid] = mask.shape as [number, number, number];
  const imageOf = [...(mask.data as Uint8Array)].flatMap((masked, i) =>
    masked === 1 ? [Math.floor(i / (grid[0] * grid[1]))] : [],
  );
  await expectLossReference("ibot_patch", "masked", (input) => {
    const centre = input("center");
    const data = Int32Array.from(imageOf);
    const imageOfPatch = centre.graph.constant({ dtype: "int32", shape: [data.length], data }, "imageOfPatch");
    const options = { teacherTemperature: 0.05 };
    const mean = nextDinoCentre(centre, [input("teacher")]);
    return {
      loss: maskedPatchLoss(input("teacher"), input("student"), imageOfPatch, centre, images, options),
      center_after: mean,
    };
  });
});

async function evaluate(build: (graph: Graph) => Value): Promise<Float32Array> {
  const graph = new Graph("loss");
  graph.output("y", build(graph));
  return (await runGraph(graph, new Map())).get("y")!.data as Float32Array;
}

const matrix = (graph: Graph, rows: number, values: readonly number[]): Value =>
  graph.constant(
    { dtype: "float32", shape: [rows, values.length / rows], data: Float32Array.from(values) },
    `m${values.join()}`,
  );

test("Sinkhorn's assignments are probabilities that use the prototypes evenly", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 12, maxLength: 12 }), async (scores) => {
      const codes = await evaluate((graph) => sinkhorn(matrix(graph, 4, scores), 30));
      for (let row = 0; row < 4; row++)
        expect(codes.slice(3 * row, 3 * row + 3).reduce((a, b) => a + b)).toBeCloseTo(1, 4);
      for (let column = 0; column < 3; column++)
        expect([0, 1, 2, 3].reduce((total, row) => total + codes[3 * row + column]!, 0)).toBeCloseTo(4 / 3, 2);
    }),
    { numRuns: 10 },
  );
});

test("the length of projections does not matter to SimCLR's loss", async () => {
  const values = Array.from({ length: 12 }, (_, i) => Math.sin(i + 1));
  const loss = (scale: number) => (graph: Graph) =>
    ntXentLoss(
      matrix(graph, 3, values),
      matrix(
        graph,
        3,
        values.map((x) => scale * Math.cos(x)),
      ),
    );
  const [short] = await evaluate(loss(1));
  const [long] = await evaluate(loss(20));
  expect(long).toBeCloseTo(short!, 5);
});

test("the teacher's temperature rises over the warm-up and stays", () => {
  expect([0, 2, 4, 5, 50].map((epoch) => warmupTemperature(epoch, { epochs: 5 }))).toEqual([
    0.04,
    expect.closeTo(0.055, 12),
    0.07,
    0.07,
    0.07,
  ]);
});

test("a centre moves by its momentum", async () => {
  const moved = await evaluate((graph) =>
    sumOf(updateCentre(matrix(graph, 1, [1, 3]), matrix(graph, 1, [2, 2]), 0.75)),
  );
  expect(moved[0]).toBeCloseTo(4, 6);
});
