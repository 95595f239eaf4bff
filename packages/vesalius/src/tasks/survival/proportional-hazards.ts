import { breslowBaseline, survivalOfBaseline, type SurvivalTruth } from "../../evaluation/index.ts";
import { coxLoss, reshape, type Tensor } from "../../graph/index.ts";
import type { SurvivalModel } from "./model.ts";

const names = { times: "baseline.times", hazard: "baseline.hazard" } as const;

const float64 = (values: ArrayLike<number>): Tensor => ({
  dtype: "float64",
  shape: [values.length],
  data: Float64Array.from(values),
});

/**
 * Cox's model (Cox 1972; with a network, Katzman et al. 2018): the logarithm of a hazard ratio for each example, learned
 * by the partial likelihood over the batch, and Breslow's baseline hazard of the training examples, which makes survival
 * of it.
 *
 * @param column of times to the event
 * @param times at which survival is predicted, rising
 */
export const proportionalHazards = (column: string, times: readonly number[]): SurvivalModel => ({
  outputs: 1,
  loss: (logits, time, observed) => coxLoss(reshape(logits, [logits.shape[0]!]), time, observed),
  answers: (logits) => ({ risk: reshape(logits, [logits.shape[0]!]) }),
  async fit(results) {
    const [time, event, risk]: number[][] = [[], [], []];
    for await (const { example, outputs } of results) {
      const truth = example[column] as SurvivalTruth;
      time!.push(truth.time);
      event!.push(truth.observed ? 1 : 0);
      risk!.push(Number(outputs["risk"]!.data[0]));
    }
    const baseline = breslowBaseline({ time: time!, event: event! }, risk!);
    return new Map([
      [names.times, float64(baseline.times)],
      [names.hazard, float64(baseline.values)],
    ]);
  },
  decode(outputs, fitted) {
    const risk = Number(outputs["risk"]!.data[0]);
    const [jumps, hazard] = [fitted.get(names.times), fitted.get(names.hazard)];
    if (jumps === undefined || hazard === undefined) return { risk };
    const baseline = { times: jumps.data as Float64Array, values: hazard.data as Float64Array, before: 0 };
    return { risk, survival: survivalOfBaseline(baseline, [risk], times) };
  },
});
