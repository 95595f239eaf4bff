import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { expectLossReference, type LossCase } from "../../../testing/loss-reference.node.ts";
import { readFixture, runGraph, toInt32 } from "../../../testing/reference.node.ts";
import { Graph } from "../../graph.ts";
import {
  add,
  asymmetricLoss,
  binaryCrossEntropy,
  centrelineDiceLoss,
  classChannels,
  comparablePairs,
  coxLoss,
  coxLossSorted,
  crossEntropy,
  diceLoss,
  distillationLoss,
  focalLoss,
  gather,
  identity,
  generalizedDiceLoss,
  hausdorffLoss,
  intervalProbabilityLoss,
  logGamma,
  logHausdorffLoss,
  logisticHazardLoss,
  meanOf,
  multiply,
  negate,
  negativeBinomialLogLikelihood,
  rankingLoss,
  reshape,
  smoothL1,
  softCrossEntropy,
  tverskyLoss,
  zeroInflatedLogLikelihood,
} from "../index.ts";
import type { Value } from "../../value.ts";

type Inputs = (name: string) => Value;

/** A loss of logits and class channels, from a fixture's class numbers or binary map. */
const segmentation =
  (loss: (logits: Value, targets: Value) => Value): LossCase =>
  (input) => {
    const [logits, target] = [input("input"), input("target")];
    const classes = logits.shape[1]!;
    return { loss: loss(logits, classes === 1 ? target : classChannels(target, classes)) };
  };

const rowwise =
  (loss: (logits: Value, target: Value, input: Inputs) => Value): LossCase =>
  (input) => ({ loss: loss(input("logits"), input("target"), input) });

const survival =
  (loss: (logits: Value, intervals: Value, events: Value, input: Inputs) => Value): LossCase =>
  (input) => ({ loss: loss(input("phi"), input("idx_durations"), input("events"), input) });

const cox =
  (loss: (logHazards: Value, events: Value, input: Inputs) => Value): LossCase =>
  (input) => ({ loss: loss(reshape(input("log_h"), [8]), input("events"), input) });

const counts =
  (likelihood: (x: Value, mean: Value, dispersion: Value, input: Inputs) => Value): LossCase =>
  (input) => {
    const logLikelihood = likelihood(input("x"), input("mu"), input("theta"), input);
    return { log_likelihood: logLikelihood, loss: negate(meanOf(logLikelihood)) };
  };

const softmax = { activation: "softmax" } as const;
const sigmoid = { activation: "sigmoid" } as const;

/** Class numbers `[batch, 1, ...spatial]` as a cross-entropy takes them. */
const labelsOf = (input: Inputs): Value => {
  const { shape } = input("target");
  return reshape(input("target"), [shape[0]!, ...shape.slice(2)]);
};

const cases: Readonly<Record<string, Readonly<Record<string, LossCase>>>> = {
  asymmetric: { default: rowwise((logits, target) => asymmetricLoss(logits, target)) },
  cldice: { soft_cldice: (input) => ({ loss: centrelineDiceLoss(input("y_pred"), input("y_true")) }) },
  cross_entropy: {
    label_smoothing_timm: rowwise((logits, target) => crossEntropy(logits, target, { labelSmoothing: 0.1 })),
    soft_target: rowwise(softCrossEntropy),
    torch_label_smoothing_ignore: rowwise((logits, target) =>
      crossEntropy(logits, target, { labelSmoothing: 0.1, ignoreIndex: -100 }),
    ),
    torch_class_weight: rowwise((logits, target, input) =>
      crossEntropy(logits, target, { classWeights: input("weight") }),
    ),
    torch_bce_pos_weight: rowwise((logits, target, input) =>
      binaryCrossEntropy(logits, target, { positiveWeights: input("pos_weight") }),
    ),
    torch_smooth_l1: rowwise((logits, target) => smoothL1(logits, target, 0.5)),
  },
  dice: {
    softmax: segmentation((logits, targets) => diceLoss(logits, targets, softmax)),
    softmax_nobg: segmentation((logits, targets) =>
      diceLoss(logits, targets, { ...softmax, includeBackground: false }),
    ),
    batch: segmentation((logits, targets) => diceLoss(logits, targets, { ...softmax, overBatch: true })),
    squared_jaccard: segmentation((logits, targets) =>
      diceLoss(logits, targets, { ...softmax, squared: true, jaccard: true }),
    ),
    sigmoid_empty: segmentation((logits, targets) => diceLoss(logits, targets, sigmoid)),
    sigmoid_smooth: segmentation((logits, targets) =>
      diceLoss(logits, targets, { ...sigmoid, smoothNumerator: 1, smoothDenominator: 1 }),
    ),
    generalized: segmentation((logits, targets) => generalizedDiceLoss(logits, targets, softmax)),
    dice_ce: (input) => {
      const dice = diceLoss(input("input"), classChannels(input("target"), 3), softmax);
      return { loss: add(dice, crossEntropy(input("input"), labelsOf(input))) };
    },
    dice_focal: segmentation((logits, targets) =>
      add(diceLoss(logits, targets, softmax), multiply(focalLoss(logits, targets), 0.7)),
    ),
    generalized_dice_focal: segmentation((logits, targets) =>
      add(generalizedDiceLoss(logits, targets, softmax), focalLoss(logits, targets)),
    ),
  },
  focal: {
    sigmoid: segmentation((logits, targets) => focalLoss(logits, targets)),
    sigmoid_alpha: segmentation((logits, targets) => focalLoss(logits, targets, { focus: 1, foregroundWeight: 0.25 })),
    softmax: segmentation((logits, targets) => focalLoss(logits, targets, softmax)),
    softmax_weight: segmentation((logits, targets) =>
      focalLoss(logits, targets, { ...softmax, classWeights: [0.5, 1, 2] }),
    ),
  },
  hausdorff_dt: {
    sigmoid: segmentation((logits, targets) => hausdorffLoss(logits, targets, sigmoid)),
    softmax: segmentation((logits, targets) =>
      hausdorffLoss(logits, targets, { ...softmax, includeBackground: false }),
    ),
    log: segmentation((logits, targets) => logHausdorffLoss(logits, targets, { ...softmax, includeBackground: false })),
  },
  kl_distillation: Object.fromEntries(
    [4, 1].map((temperature) => [
      `T${temperature}.0`,
      (input: Inputs) => ({ loss: distillationLoss(input("student"), input("teacher"), temperature) }),
    ]),
  ),
  survival: {
    cox_no_ties: cox((logHazards, events, input) => coxLoss(logHazards, input("durations"), events)),
    cox_one_event: cox((logHazards, events, input) => coxLoss(logHazards, input("durations"), events)),
    cox_sorted: cox(coxLossSorted),
    logistic_hazard: survival(logisticHazardLoss),
    pmf: survival(intervalProbabilityLoss),
    deephit_rank: survival((logits, intervals, _events, input) => rankingLoss(logits, intervals, input("rank_mat"))),
  },
  tversky: {
    default: segmentation((logits, targets) =>
      tverskyLoss(logits, targets, { ...softmax, falsePositiveWeight: 0.3, falseNegativeWeight: 0.7 }),
    ),
    sigmoid: segmentation((logits, targets) =>
      tverskyLoss(logits, targets, { ...sigmoid, falsePositiveWeight: 0.6, falseNegativeWeight: 0.4 }),
    ),
  },
  zinb: {
    nb: counts(negativeBinomialLogLikelihood),
    zinb: counts((x, mean, dispersion, input) => zeroInflatedLogLikelihood(x, mean, dispersion, input("pi"))),
  },
};

describe.each(Object.entries(cases))("%s", (name, byCase) => {
  test.each(Object.entries(byCase))("%s: value and gradients of the original", async (caseName, build) => {
    await expectLossReference(name, caseName, build);
  });
});

test("Cox's loss with tied durations takes the order that it is given", async () => {
  const { files } = await readFixture("loss/survival");
  const stated = toInt32(files.get("tensors")!.get("cox_ties.output.sort_index")!);
  await expectLossReference("survival", "cox_ties", (input) => {
    const order = input("events").graph.constant(stated, "order");
    const loss = coxLossSorted(gather(reshape(input("log_h"), [8]), order), gather(input("events"), order));
    return { loss, sort_index: identity(order) };
  });
});

/** Runs a function of float32 vectors. */
async function evaluate(build: (...inputs: Value[]) => Value, ...vectors: readonly number[][]): Promise<Float32Array> {
  const graph = new Graph("loss");
  const feeds = new Map(
    vectors.map((data, i) => [
      `x${i}`,
      { dtype: "float32" as const, shape: [data.length], data: Float32Array.from(data) },
    ]),
  );
  graph.output("y", build(...[...feeds].map(([name, { shape }]) => graph.input(name, "float32", shape))));
  return (await runGraph(graph, feeds)).get("y")!.data as Float32Array;
}

test("the logarithm of the gamma function fits factorials and the reflection at one half", async () => {
  const found = await evaluate(logGamma, [1, 2, 3, 4, 5, 11, 0.5, 0.01]);
  const expected = [
    0,
    0,
    Math.log(2),
    Math.log(6),
    Math.log(24),
    Math.log(3628800),
    0.5 * Math.log(Math.PI),
    4.599479878,
  ];
  expected.forEach((value, i) => expect(Math.abs(found[i]! - value)).toBeLessThan(2e-6 + 1e-6 * value));
});

test("comparable pairs follow from times and events", async () => {
  const found = await evaluate((times, events) => comparablePairs(times, events), [1, 2, 2, 3], [1, 1, 0, 1]);
  expect([...found]).toEqual([0, 1, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
});

test("a perfect segmentation has no Dice loss, whatever the mask, and a complement has nearly all of it", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }), async (mask) => {
      const truth = mask.map(Number);
      const loss = (prediction: Value, targets: Value): Value => {
        const shaped = (x: Value): Value => reshape(x, [1, 1, 3, 4]);
        return diceLoss(shaped(prediction), shaped(targets), { activation: "none" });
      };
      const [perfect] = await evaluate(loss, truth, truth);
      expect(perfect).toBeCloseTo(0, 5);
      const complement = truth.map((value) => 1 - value);
      const [wrong] = await evaluate(loss, complement, truth);
      expect(wrong).toBeCloseTo(1, 4);
    }),
    { numRuns: 10 },
  );
});
