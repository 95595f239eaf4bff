import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  columnOf,
  expectedOf,
  expectMetric,
  metricCases,
  type MetricCase,
} from "../../../testing/metric-cases.node.ts";
import { brierSurvivalStatistic } from "./brier.ts";
import { concordanceIndex, concordanceStatistic, unoConcordanceStatistic } from "./concordance.ts";
import { dynamicAucStatistic } from "./dynamic-auc.ts";
import { censoringDistribution } from "./kaplan-meier.ts";

const risksOf = (one: MetricCase) => ({
  time: columnOf(one, "time"),
  event: columnOf(one, "event"),
  risk: columnOf(one, "risk"),
});

describe("scikit-survival 0.20 gives the same", () => {
  test.each(metricCases("c_index"))("concordance index: $id", (one) => {
    if (one.id === "no_comparable_pair") {
      expectMetric(() => concordanceIndex(risksOf(one)).index, one.expected);
      expect(concordanceStatistic(risksOf(one))()).toBeNaN();
      return;
    }
    const expected = expectedOf(one);
    const found = concordanceIndex(risksOf(one));
    expectMetric(() => found.index, expected["c_index"]);
    expect([found.concordant, found.discordant, found.tiedRisk, found.tiedTime]).toEqual(
      ["concordant", "discordant", "tied_risk", "tied_time"].map((name) => expected[name]),
    );
  });

  test.each(metricCases("brier_survival"))("Brier scores, Uno's C, dynamic AUC: $id", (one) => {
    const expected = expectedOf(one);
    const rows = z.array(z.array(z.number())).parse(one.inputs["survival"]);
    const times = columnOf(one, "times");
    const data = {
      time: columnOf(one, "time"),
      event: columnOf(one, "event"),
      survival: rows.flat(),
      times,
      risk: rows.map((row) => -row.reduce((sum, value) => sum + value, 0) / row.length),
    };
    const options = { censoring: { time: columnOf(one, "train_time"), event: columnOf(one, "train_event") } };
    const brier = brierSurvivalStatistic(data, options)();
    const list = (name: string) => z.array(z.union([z.number(), z.string()])).parse(expected[name]);
    for (const [i, value] of list("brier").entries()) expectMetric(() => brier.atTimes[i]!, value);
    expectMetric(() => brier.integrated, expected["ibs"]);
    expectMetric(unoConcordanceStatistic(data, options), expected["uno_c"]);
    const areas = dynamicAucStatistic(data, options)();
    for (const [i, value] of list("dynamic_auc").entries()) expectMetric(() => areas.atTimes[i]!, value);
    expectMetric(() => areas.mean, expected["mean_dynamic_auc"]);
    // The distribution may be given in place of the cases that it is estimated from.
    const given = { censoring: censoringDistribution(options.censoring) };
    expect(brierSurvivalStatistic(data, given)()).toEqual(brier);
    expect(dynamicAucStatistic(data, given)()).toEqual(areas);
    // One risk for all times is a risk that is the same at each.
    const spread = { ...data, risk: data.risk.flatMap((risk) => times.map(() => risk)) };
    expect(dynamicAucStatistic(spread, options)()).toEqual(areas);
  });
});

describe("lifelines gives the same", () => {
  test.each(metricCases("c_index_lifelines"))("concordance index: $id", (one) => {
    expectMetric(() => concordanceIndex(risksOf(one)).index, one.expected);
  });
});
