import { describe, expect, test } from "vitest";
import { z } from "zod";
import { expectedOf, expectMetric, metricCases } from "../../testing/metric-cases.node.ts";
import { sequenceAccuracyStatistic } from "./sequence-accuracy.ts";

describe("sequenceAccuracyStatistic", () => {
  test.each(metricCases("q3"))("gives the Q3 of scikit-learn: $id", ({ inputs, expected }) => {
    const sequences = (name: string) => z.array(z.string()).parse(inputs[name]);
    expectMetric(() => sequenceAccuracyStatistic(sequences("y_true"), sequences("y_pred"))().overall, expected);
  });

  test.each(metricCases("entity_f1"))("gives the accuracy of tags of seqeval: $id", (one) => {
    const sequences = (name: string) => z.array(z.array(z.string())).parse(one.inputs[name]);
    const { overall } = sequenceAccuracyStatistic(sequences("y_true"), sequences("y_pred"))();
    expectMetric(() => overall, expectedOf(one)["accuracy"]);
  });

  test("leaves out what is not known, tells long from short sequences, and weighs them", () => {
    const statistic = sequenceAccuracyStatistic(["HHHH", "EX", "X"], ["HHHC", "EC", "H"], "X");
    expect(statistic()).toEqual({ overall: 0.8, perSequence: 0.875 });
    expect(statistic([0, 1, 5])).toEqual({ overall: 1, perSequence: 1 });
    expect(statistic([0, 0, 1]).overall).toBeNaN();
  });

  test("refuses another length, another number of sequences, and none", () => {
    expect(() => sequenceAccuracyStatistic(["HH"], ["H"])).toThrow(/sequence 0/);
    expect(() => sequenceAccuracyStatistic(["HH"], [])).toThrow(expect.objectContaining({ code: "shape-mismatch" }));
    expect(() => sequenceAccuracyStatistic([], [])).toThrow(expect.objectContaining({ code: "bad-data" }));
  });
});
