import { describe, expect, it } from "vitest";
import type { RunEvent } from "vesalius/recipes";
import { showProgress } from "./progress.ts";

const progress = (step: number): RunEvent => ({
  type: "progress",
  stage: "pretraining",
  unit: "cells",
  step,
  totalSteps: 100,
  loss: 0.51234,
  learningRate: 0.1,
  examplesPerSecond: 321.7,
  secondsLeft: 125,
});

function recorder(isTTY: boolean) {
  const written: string[] = [];
  let now = 0;
  const show = showProgress({ isTTY, columns: 60, write: (text) => written.push(text) }, () => now);
  return { written, show, wait: (milliseconds: number) => (now += milliseconds) };
}

describe("showProgress", () => {
  it("writes a plain line about every ten seconds where there is no terminal, and the last step always", () => {
    const { written, show, wait } = recorder(false);
    show({ type: "stageStarted", stage: "pretraining", number: 1, stages: 2 });
    for (let step = 1; step <= 100; step++) {
      wait(300);
      show(progress(step));
    }
    show({ type: "stageFinished", stage: "pretraining", seconds: 30, from: "now" });
    expect(written).toEqual([
      "[1/2] pretraining\n",
      "pretraining  34/100 (34%)  loss 0.5123  322 cells/s  2 min 5 s left\n",
      "pretraining  68/100 (68%)  loss 0.5123  322 cells/s  2 min 5 s left\n",
      "pretraining  100/100 (100%)  loss 0.5123  322 cells/s  2 min 5 s left\n",
      "pretraining: done in 30 s\n",
    ]);
  });

  it("rewrites one line on a terminal, cut to its width", () => {
    const { written, show, wait } = recorder(true);
    show({ type: "stageStarted", stage: "pretraining", number: 1, stages: 1 });
    show(progress(1));
    wait(20);
    show(progress(2));
    wait(200);
    show(progress(3));
    const text = written.join("");
    expect(text).not.toContain("\n");
    expect(text.split("\r\u001B[2K").filter((line) => line !== "")).toEqual([
      "pretraining  1/100 (1%)  loss 0.5123  322 cells/s  2 min 5 ",
      "pretraining  3/100 (3%)  loss 0.5123  322 cells/s  2 min 5 ",
    ]);
  });

  it("says where a finished stage comes from", () => {
    const { written, show } = recorder(false);
    show({ type: "stageFinished", stage: "adaptation/lora-seed1", seconds: 3, from: "run" });
    show({ type: "stageFinished", stage: "pretraining", seconds: 3, from: "shared" });
    expect(written).toEqual(["adaptation/lora-seed1: finished earlier\n", "pretraining: taken from another run\n"]);
  });

  it("shows slow evaluations, which have no loss", () => {
    const { written, show } = recorder(false);
    const event = {
      type: "progress",
      stage: "evaluation/lora-seed1",
      unit: "volumes",
      step: 4,
      totalSteps: 4,
    } as const;
    show({ ...event, examplesPerSecond: 0.52, secondsLeft: 0 });
    expect(written).toEqual(["evaluation/lora-seed1  4/4 (100%)  0.5 volumes/s  0 s left\n"]);
  });
});
