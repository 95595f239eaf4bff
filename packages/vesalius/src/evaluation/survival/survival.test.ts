import { describe, expect, it } from "vitest";
import { z } from "zod";
import { randomStream } from "../../common/random.ts";
import { columnOf, expectedOf, expectMetric, metricCases } from "../../testing/metric-cases.node.ts";
import { evaluateMeasures } from "../evaluate-measures.ts";
import { expectSound } from "../evaluation.test.helper.ts";
import { describeSurvival } from "./details.ts";
import { survivalSections } from "./sections.ts";
import { fitSurvivalSettings, survivalSettingsSchema } from "./settings.ts";
import { survivalEvaluation } from "./survival.ts";

/** Cases whose hazard grows with a score, censored by chance; times in months. */
function draw(count: number, label: string) {
  const random = randomStream(5, "survival", label);
  return Array.from({ length: count }, () => {
    const score = random.normal();
    const time = (-Math.log(1 - random.uniform()) * 30) / Math.exp(0.9 * score);
    const end = 80 * random.uniform();
    return { score, time: Math.min(time, end), observed: time <= end };
  });
}
const train = draw(400, "train");
const followUp = { time: train.map(({ time }) => time), event: train.map(({ observed }) => (observed ? 1 : 0)) };
const settings = fitSurvivalSettings(followUp, { unit: "months" });
const evaluation = survivalEvaluation(settings);
const cases = draw(180, "validation");

/** Answers with the true model, its score scaled: 1 is the truth, 0 the same for all, -1 reversed. */
const measured = (scale: number) =>
  cases.map(({ score, time, observed }) =>
    evaluation.measure(
      { time, observed },
      {
        risk: scale * score,
        survival: settings.times.map((at) => Math.exp((-at / 30) * Math.exp(0.9 * scale * score))),
      },
    ),
  );
const valueOf = (report: ReturnType<typeof evaluateMeasures>, name: string): number => report.metrics[name]!.value!;

describe("fitSurvivalSettings", () => {
  it("spans most of follow-up, with round horizons among the times, as JSON", () => {
    const { times, horizons, censoring } = settings;
    expect(horizons.length).toBeGreaterThanOrEqual(2);
    for (const horizon of horizons) {
      expect(times).toContain(horizon);
      expect(horizon % 5).toBe(0);
    }
    expect(times.length).toBe(50 + horizons.filter((one) => times.includes(one)).length);
    expect(censoring.values.every((value, i) => i === 0 || value < censoring.values[i - 1]!)).toBe(true);
    expect(survivalSettingsSchema.parse(JSON.parse(JSON.stringify(settings)))).toEqual(settings);
  });

  it("takes other horizons, and refuses cases without a span", () => {
    expect(fitSurvivalSettings(followUp, { horizons: [12, 24] }).horizons).toEqual([12, 24]);
    expect(() => fitSurvivalSettings({ time: [3, 3, 3], event: [1, 0, 1] })).toThrow(/no span/);
  });
});

describe("survivalEvaluation", () => {
  it("draws no certain curve before the first event, and says where events are few", () => {
    const quiet = measured(1).map((one) => ({ ...one, event: 0 as const }));
    const details = describeSurvival(quiet, settings, settings.times);
    const { time, survival, lower } = details.groups[2]!.observed;
    expect(new Set(survival)).toEqual(new Set([1]));
    // Nobody of n who are still followed had the event: Wilson's lower end is n / (n + 1.96^2).
    const at = time.findIndex((one) => one > 5);
    const followed = quiet
      .toSorted((a, b) => a.risk! - b.risk!)
      .slice(120)
      .filter((one) => one.time > time[at]!).length;
    expect(lower[at]!).toBeGreaterThan((followed - 3) / (followed - 3 + 1.96 ** 2));
    expect(lower[at]!).toBeLessThan((followed + 3) / (followed + 3 + 1.96 ** 2));
    expect(lower.slice(1).every((one, i) => i === 0 || one <= lower[i]!)).toBe(true);
    const noteOf = (of: typeof details): unknown =>
      survivalSections(of).flatMap((one) => ("note" in one ? [one.note] : []))[0];
    expect(noteOf(details)).toContain("Few events show little: low risk 0, middle risk 0, high risk 0.");
    expect(noteOf(describeSurvival(measured(1), settings, settings.times))).not.toContain("Few events");
  });

  it("gives a sound report, with horizons, and no time of a single patient in it", async () => {
    const report = await expectSound(evaluation, measured(1));
    expect(report.breakdown.map(({ name }) => name)).toEqual(settings.horizons.map((time) => `at ${time} months`));
    expect(report.composition!["with the event"]! + report.composition!["censored"]!).toBe(180);
    const saved = JSON.stringify(report.details.groups);
    expect(cases.some(({ time }) => saved.includes(String(time)))).toBe(false);
    expect(report.details.groups.map(({ count }) => count)).toEqual([60, 60, 60]);
    const [low, , high] = report.details.groups;
    expect(low!.observed.survival[20]!).toBeGreaterThan(high!.observed.survival[20]!);
    // What the true model predicts is what is observed, within the interval nearly everywhere.
    for (const { observed, predicted } of [low!, high!]) {
      const at = new Map(predicted!.time.map((time, i) => [time, predicted!.survival[i]!]));
      const inside = observed.time.filter((time, i) => {
        const said = at.get(time);
        return said !== undefined && said >= observed.lower[i]! - 0.02 && said <= observed.upper[i]! + 0.02;
      });
      expect(inside.length).toBeGreaterThan(0.8 * observed.time.filter((time) => at.has(time)).length);
    }
  });

  it("is honest: one answer for all scores the floor, reversed risks fall below it", () => {
    const [good, none, reversed] = [1, 0, -1].map((scale) =>
      evaluateMeasures(evaluation, measured(scale), { resamples: 30 }),
    );
    for (const name of ["concordanceIndex", "unoConcordanceIndex", "dynamicAuc"]) {
      expect(good!.metrics[name]!.lower!, name).toBeGreaterThan(0.6);
      expect(valueOf(none!, name), name).toBeCloseTo(0.5, 12);
      expect(valueOf(reversed!, name), name).toBeLessThan(0.4);
    }
    const floor = good!.floors["integratedBrierScore"]!;
    expect(valueOf(good!, "integratedBrierScore")).toBeLessThan(floor - 0.02);
    // The floor knows the survival of these very cases, so the same curve from the training cases comes close.
    expect(Math.abs(valueOf(none!, "integratedBrierScore") - floor)).toBeLessThan(0.03);
    expect(valueOf(reversed!, "integratedBrierScore")).toBeGreaterThan(floor + 0.02);
  });

  it("ranks without survival where a model predicts none, and says so", () => {
    const risks = cases.map(({ score, ...truth }) => evaluation.measure(truth, { risk: score }));
    const { metrics, details } = evaluateMeasures(evaluation, risks, { resamples: 10 });
    expect(metrics["concordanceIndex"]!.value!).toBeGreaterThan(0.6);
    expect(metrics["integratedBrierScore"]!.reason).toBe("the model ranks risks and predicts no survival");
    expect(details.overTime.brier).toBeNull();
  });

  it("lets a case without an answer score as no skill, never better", () => {
    const good = measured(1);
    const silent = cases.map((truth) => evaluation.measure(truth, null));
    const some = good.map((measure, row) => (row % 3 === 0 ? silent[row]! : measure));
    const [all, fewer, none] = [good, some, silent].map((measures) => evaluation.statistic(measures)().metrics);
    expect(fewer!["concordanceIndex"]).toBeLessThan(all!["concordanceIndex"]!);
    expect(fewer!["integratedBrierScore"]).toBeGreaterThan(all!["integratedBrierScore"]!);
    expect(none!["concordanceIndex"]).toBe(0.5);
  });

  it("says what few events tell, and what follow-up does not reach", () => {
    const early = cases
      .filter(({ time }) => time < 6)
      .map(({ score, ...truth }) => evaluation.measure(truth, { risk: score }));
    const { breakdown, metrics } = evaluateMeasures(evaluation, early, { resamples: 10 });
    expect(breakdown.at(-1)!.metrics["dynamicAuc"]).toMatchObject({ value: null });
    expect(metrics["concordanceIndex"]!.value).not.toBeNull();
    const censored = cases.map(({ score, time }) => evaluation.measure({ time, observed: false }, { risk: score }));
    expect(evaluateMeasures(evaluation, censored, { resamples: 5 }).metrics["concordanceIndex"]!.reason).toBe(
      "no event was observed",
    );
  });

  it.each(metricCases("brier_survival"))("agrees with scikit-survival: $id", (one) => {
    const rows = z.array(z.array(z.number())).parse(one.inputs["survival"]);
    const [times, time, event] = [columnOf(one, "times"), columnOf(one, "time"), columnOf(one, "event")];
    const training = { time: columnOf(one, "train_time"), event: columnOf(one, "train_event") };
    const { censoring } = fitSurvivalSettings(training);
    const own = survivalEvaluation({ times, horizons: times, censoring });
    // Each case five times, so that none of the times is too thin; what is computed does not change by that.
    const measures = rows.flatMap((survival, row) =>
      Array.from({ length: 5 }, () =>
        own.measure(
          { time: time[row]!, observed: event[row] === 1 },
          { risk: -survival.reduce((sum, value) => sum + value, 0) / survival.length, survival },
        ),
      ),
    );
    const { metrics, parts } = own.statistic(measures)();
    const expected = expectedOf(one);
    expectMetric(() => metrics["unoConcordanceIndex"]!, expected["uno_c"]);
    const list = (name: string) => z.array(z.union([z.number(), z.string()])).parse(expected[name]);
    const reached = Object.values(parts!).map((values) => !Number.isNaN(values["dynamicAuc"]));
    for (const [i, values] of Object.values(parts!).entries()) {
      if (!reached[i]) continue;
      expectMetric(() => values["brierScore"]!, list("brier")[i]);
      expectMetric(() => values["dynamicAuc"]!, list("dynamic_auc")[i]);
    }
    expect(reached.filter(Boolean).length).toBeGreaterThanOrEqual(3);
    if (!reached.every(Boolean)) return;
    expectMetric(() => metrics["integratedBrierScore"]!, expected["ibs"]);
    expectMetric(() => metrics["dynamicAuc"]!, expected["mean_dynamic_auc"]);
  });

  it.each(metricCases("c_index").filter(({ id }) => id !== "no_comparable_pair"))(
    "agrees on concordance: $id",
    (one) => {
      const [time, event, risk] = [columnOf(one, "time"), columnOf(one, "event"), columnOf(one, "risk")];
      const measures = time.map((at, row) =>
        evaluation.measure({ time: at, observed: event[row] === 1 }, { risk: risk[row]! }),
      );
      expectMetric(() => evaluation.statistic(measures)().metrics["concordanceIndex"]!, expectedOf(one)["c_index"]);
    },
  );

  it.each([
    ["a negative time", () => evaluation.measure({ time: -1, observed: true }, null), "bad-data"],
    ["a risk that is no number", () => evaluation.measure({ time: 1, observed: true }, { risk: NaN }), "not-a-number"],
    [
      "a survival that rises",
      () =>
        evaluation.measure({ time: 1, observed: true }, { risk: 1, survival: settings.times.map((_, i) => i / 100) }),
      "bad-data",
    ],
    [
      "another number of times",
      () => evaluation.measure({ time: 1, observed: true }, { risk: 1, survival: [1] }),
      "shape-mismatch",
    ],
  ])("refuses %s", (_, evaluate, code) => {
    expect(evaluate).toThrow(expect.objectContaining({ code }));
  });
});
