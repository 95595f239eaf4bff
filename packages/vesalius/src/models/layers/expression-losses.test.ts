import { test } from "vitest";
import { log, subtract, type Value } from "../../graph/index.ts";
import { expectLossReference } from "../../testing/loss-reference.node.ts";
import { expressedLoss, maskedRelativeError, maskedSquaredError } from "./expression-losses.ts";

/** The original takes probabilities where the loss takes logits. */
const logit = (p: Value): Value => subtract(log(p), log(subtract(p.graph.scalar(1), p)));

test.each([
  ["masked_mse", maskedSquaredError],
  ["masked_relative_error", maskedRelativeError],
  ["neg_log_bernoulli", (p: Value, target: Value, mask: Value) => expressedLoss(logit(p), target, mask)],
] as const)("%s: value and gradients of scGPT", async (name, loss) => {
  await expectLossReference("masked_expression", name, (input) => ({
    loss: loss(input("input"), input("target"), input("mask")),
  }));
});
