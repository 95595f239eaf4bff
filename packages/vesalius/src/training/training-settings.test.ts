import { expect, test } from "vitest";
import { VesaliusError } from "../common/errors.ts";
import {
  optimizers,
  pickTraining,
  resolveTraining,
  type TrainingInput,
  trainingSettingsSchema,
  trainOptions,
} from "./index.ts";
import type { Backend } from "../runtime/index.ts";

test("a caller's settings stand over the method's, and those over the general ones", () => {
  const settings = resolveTraining({ epochs: 3, learningRate: 0.1 }, { learningRate: 0.2, batchSize: undefined });
  expect(settings).toMatchObject({ epochs: 3, learningRate: 0.2, batchSize: 64, clipNorm: 1 });
  expect(settings.optimizer).toEqual({ name: "adamW", betas: [0.9, 0.999] });
});

test("settings out of range and unknown keys are refused by name", () => {
  expect(() => resolveTraining({ learningRate: -1 })).toThrow(VesaliusError);
  expect(() => resolveTraining({ learningRate: -1 })).toThrow(/learningRate/);
  expect(trainingSettingsSchema.safeParse({ learningrate: 1 }).success).toBe(false);
  expect(pickTraining({ epochs: 2, label: "x", steps: undefined })).toEqual({ epochs: 2 });
});

test("every optimizer can be named, and takes the weight decay of the settings", () => {
  for (const name of optimizers.names) {
    const settings = resolveTraining({ optimizer: { name }, weightDecay: 0.3 });
    const options = trainOptions(settings, { backend: {} as Backend, seed: 1 }, 10);
    expect(options.optimizer).toMatchObject({ name, weightDecay: 0.3 });
  }
});

test("epochs become updates; accumulation takes several batches for one", () => {
  const totalSteps = (settings: TrainingInput): number =>
    trainOptions(resolveTraining(settings), { backend: {} as Backend, seed: 1 }, 10).totalSteps;
  expect(totalSteps({ epochs: 4 })).toBe(40);
  expect(totalSteps({ epochs: 4, accumulation: 2 })).toBe(20);
  expect(totalSteps({ epochs: 0.01 })).toBe(1);
  expect(totalSteps({ epochs: 4, steps: 7 })).toBe(7);
});
