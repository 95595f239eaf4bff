import { describe, expect, it } from "vitest";
import type { Estimate } from "../../report/index.ts";
import { formatSummary, type RunSummary } from "./summary.ts";

const method = (name: string, seeds: readonly number[], estimate: Estimate): RunSummary["methods"][number] => ({
  method: name,
  model: `adaptation/${name}`,
  ...estimate,
  seeds: [...seeds],
  scores: seeds.map(() => estimate.value),
  trainedParameters: 10,
  parameters: 100,
  seconds: 1,
});

const summary = (methods: RunSummary["methods"]): RunSummary => ({
  kind: "summary",
  name: "x",
  title: "X",
  notice: "",
  smoke: false,
  synthetic: false,
  metric: { name: "accuracy", label: "Accuracy", better: "higher", range: [0, 1], meaning: "" },
  split: "validation",
  unit: "images",
  floor: null,
  best: null,
  methods,
  baselines: [
    { baseline: "majority", title: "majority", value: 0.5, lower: 0.3, upper: 0.7, caution: "only 12 cases" },
  ],
  heldOut: [],
  studies: [],
  seconds: {},
  totalSeconds: 2,
  waitingShare: 0,
  energy: { wattHours: 1, source: "estimated" } as RunSummary["energy"],
});

describe("what the terminal says of a run", () => {
  it("says beside each interval what it is over and how little it rests on", () => {
    const lines = formatSummary(
      summary([
        method("lora", [1, 2], { value: 0.9, lower: 0.1, upper: 1, caution: "only 2 runs" }),
        method("scratch", [1], { value: 1, lower: 0.7, upper: 1, caution: "only 12 cases; Wilson's interval" }),
      ]),
    ).split("\n");
    expect(lines[0]).toContain("95% interval over the seeds, not over other patients");
    expect(lines[1]).toContain("0.900 (0.100–1.000); only 2 runs  2 seeds, 10.0%");
    expect(lines[2]).toContain("only 12 cases; Wilson's interval  1 seed, interval over the cases, 10.0%");
    expect(lines[3]).toContain("0.500 (0.300–0.700); only 12 cases  baseline, interval over the cases");
  });

  it("says why there is no interval", () => {
    const reason = "no interval: it rests on 4 cases";
    const lines = formatSummary(summary([method("lora", [1], { value: 1, lower: null, upper: null, reason })]));
    expect(lines).toContain(`1.000; ${reason}`);
    expect(lines).not.toContain("over the cases");
  });
});
