import { describe, expect, test } from "vitest";
import { z } from "zod";
import { Graph, linear, meanSquaredError, tanh, type Tensors, type Value, zeros } from "../../graph/index.ts";
import { nodeCpu, Program } from "../../runtime/index.node.ts";
import { expectClose, readFixture, readFixtureJson } from "../../testing/reference.node.ts";
import type { ParameterPolicy } from "../parameter-policy.ts";
import { averageName, type StepOptions, trainingStep } from "../step-graph.ts";
import { adam } from "./adam.ts";
import { adamW } from "./adamw.ts";
import { lamb } from "./lamb.ts";
import { lars } from "./lars.ts";
import { lion } from "./lion.ts";
import type { Optimizer } from "./optimizer.ts";
import { sgd } from "./sgd.ts";

const names = ["0.weight", "0.bias", "2.weight", "2.bias"];

function network(rows: number): Graph {
  const graph = new Graph("mlp");
  const parameter = (name: string, shape: number[]): Value => graph.parameter(name, shape, { kind: "zeros" });
  const x = graph.input("x", "float32", [rows, 4]);
  const hidden = tanh(linear(x, parameter("0.weight", [6, 4]), parameter("0.bias", [6])));
  const y = linear(hidden, parameter("2.weight", [3, 6]), parameter("2.bias", [3]));
  graph.output("loss", meanSquaredError(y, graph.input("y", "float32", [rows, 3])));
  return graph;
}

const scalar = (value: number) => ({ dtype: "float32" as const, shape: [], data: Float32Array.of(value) });

async function train(
  start: Tensors,
  data: Tensors,
  options: StepOptions,
  learningRate: number,
  visit: (step: number, state: Tensors, loss: number) => void,
): Promise<void> {
  const rows = data.get("x")!.shape[0]!;
  const step = trainingStep(network(rows), options);
  const program = await Program.compile(step.update.graph, await nodeCpu(), step.update.states);
  const state: Tensors = new Map([...start].map(([name, tensor]) => [name, { ...tensor, data: tensor.data.slice() }]));
  for (const [name, shape] of step.zeroStates) state.set(name, zeros("float32", shape));
  for (const [average, parameter] of step.averages)
    state.set(average, { ...start.get(parameter)!, data: start.get(parameter)!.data.slice() });
  for (let k = 1; k <= 10; k++) {
    const feeds: Tensors = new Map(data);
    for (const [name, value] of Object.entries(options.optimizer.scalars(k, learningRate)))
      feeds.set(name, scalar(value));
    if (options.ema) feeds.set("emaDecay", scalar(0.9));
    const outputs = await program.run(feeds, state);
    visit(k, state, (outputs.get("loss")!.data as Float32Array)[0]!);
  }
  await program.release();
}

const cases = z.object({
  cases: z.array(z.object({ id: z.string(), config: z.record(z.string(), z.unknown()), losses: z.array(z.number()) })),
});

async function follow(
  fixture: string,
  id: string,
  optimizer: Optimizer,
  learningRate: number,
  policy?: (p: Value) => ParameterPolicy,
  clipNorm?: number,
) {
  const trajectory = (await readFixture(`optimizer/${fixture}`)).files.get("trajectory")!;
  const expected = cases.parse(readFixtureJson(`optimizer/${fixture}`)).cases.find((entry) => entry.id === id)!;
  const at = (k: number): Tensors => new Map(names.map((name) => [name, trajectory.get(`${id}.step${k}.${name}`)!]));
  const data: Tensors = new Map([
    ["x", trajectory.get("inputs.x")!],
    ["y", trajectory.get("inputs.y")!],
  ]);
  const losses: number[] = [];
  await train(
    at(0),
    data,
    { optimizer, policy: policy ?? (() => ({})), ...(clipNorm === undefined ? {} : { clipNorm }) },
    learningRate,
    (k, state, loss) => {
      losses.push(loss);
      for (const [name, tensor] of at(k)) expectClose(state.get(name)!, tensor, 1e-4, 1e-6, `${name} after step ${k}`);
    },
  );
  losses.forEach((loss, i) => expect(loss).toBeCloseTo(expected.losses[i]!, 5));
  expect(losses).toHaveLength(10);
}

describe("PyTorch's trajectories over 10 steps", () => {
  test("AdamW", () => follow("adamw", "plain", adamW({ weightDecay: 0.05 }), 0.01));
  test("AdamW with parameter groups", () =>
    follow("adamw", "groups", adamW({ betas: [0.9, 0.98], epsilon: 1e-6, weightDecay: 0.1 }), 0.03, (parameter) =>
      parameter.rank > 1 ? {} : { weightDecay: 0 },
    ));
  test("SGD", () => follow("sgd", "plain", sgd(), 0.1));
  test("SGD with momentum", () => follow("sgd", "momentum", sgd({ momentum: 0.9 }), 0.05));
  test("SGD with Nesterov momentum and decay", () =>
    follow("sgd", "nesterov", sgd({ momentum: 0.9, nesterov: true, weightDecay: 0.01 }), 0.05));
  test("SGD with dampening", () => follow("sgd", "dampening", sgd({ momentum: 0.9, dampening: 0.1 }), 0.05));
  test("Adam", () => follow("adam", "plain", adam(), 0.01));
  test("Adam with an L2 penalty", () =>
    follow("adam", "l2", adam({ betas: [0.8, 0.99], epsilon: 1e-6, weightDecay: 0.1 }), 0.02));
  test("AMSGrad", () => follow("adam", "amsgrad", adam({ amsgrad: true }), 0.01));
});

describe("trajectories of other sources over 10 steps", () => {
  const paper = { maximumWeightNorm: 10, alwaysAdapt: true };
  test("LAMB of pytorch-lamb", () => follow("lamb", "plain", lamb({ ...paper, weightDecay: 0.01 }), 0.02));
  test("LAMB of pytorch-lamb without decay", () =>
    follow("lamb", "nowd", lamb({ ...paper, betas: [0.9, 0.99], weightDecay: 0 }), 0.01));
  test("LAMB of timm", () =>
    follow("lamb_timm", "plain", lamb({ biasCorrection: true, weightDecay: 0.01 }), 0.02, undefined, 1));
  test("LAMB of timm with a clipped ratio", () =>
    follow(
      "lamb_timm",
      "trust_clip",
      lamb({ biasCorrection: true, weightDecay: 0.05, clipTrustRatio: true, alwaysAdapt: true }),
      0.02,
      undefined,
      0.5,
    ));
  test("LARS of timm", () =>
    follow("lars", "plain", lars({ momentum: 0.9, weightDecay: 0.01, trustCoefficient: 0.02 }), 0.5));
  test("Lion", () => follow("lion", "plain", lion(), 0.005));
  test("Lion with decay", () => follow("lion", "wd", lion({ betas: [0.95, 0.98], weightDecay: 0.1 }), 0.003));
});

test("the moving average follows decay * average + (1 - decay) * weight", async () => {
  const trajectory = (await readFixture("optimizer/adamw")).files.get("trajectory")!;
  const start: Tensors = new Map(names.map((name) => [name, trajectory.get(`plain.step0.${name}`)!]));
  const data: Tensors = new Map([
    ["x", trajectory.get("inputs.x")!],
    ["y", trajectory.get("inputs.y")!],
  ]);
  const expected = new Map(names.map((name) => [name, Float64Array.from(start.get(name)!.data as Float32Array)]));
  await train(start, data, { optimizer: adamW(), ema: true }, 0.01, (_k, state) => {
    for (const name of names) {
      const average = expected.get(name)!;
      (state.get(name)!.data as Float32Array).forEach((value, i) => (average[i] = 0.9 * average[i]! + 0.1 * value));
      const tensor = { dtype: "float32" as const, shape: start.get(name)!.shape, data: Float32Array.from(average) };
      expectClose(state.get(averageName(name))!, tensor, 2e-6, 1e-7, name);
    }
  });
});

test("clipping scales the gradient to the given norm", async () => {
  const trajectory = (await readFixture("optimizer/sgd")).files.get("trajectory")!;
  const start: Tensors = new Map(names.map((name) => [name, trajectory.get(`plain.step0.${name}`)!]));
  const gradient = names.map((name) => trajectory.get(`plain.step0.grad.${name}`)!.data as Float32Array);
  const norm = Math.sqrt(
    gradient.reduce((total, part) => total + part.reduce((sum, value) => sum + value * value, 0), 0),
  );
  const data: Tensors = new Map([
    ["x", trajectory.get("inputs.x")!],
    ["y", trajectory.get("inputs.y")!],
  ]);
  await train(start, data, { optimizer: sgd(), clipNorm: 0.1 }, 1, (k, state) => {
    if (k > 1) return;
    names.forEach((name, p) => {
      const before = start.get(name)!.data as Float32Array;
      (state.get(name)!.data as Float32Array).forEach((value, i) =>
        expect(before[i]! - value).toBeCloseTo((gradient[p]![i]! * 0.1) / norm, 5),
      );
    });
  });
});
