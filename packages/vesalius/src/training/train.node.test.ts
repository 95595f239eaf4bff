import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { randomStream } from "../common/random.ts";
import { readSafetensors, writeSafetensors } from "../common/safetensors.ts";
import {
  Graph,
  initializeParameters,
  linear,
  meanSquaredError,
  multiply,
  tanh,
  tensorBytes,
  type Tensors,
} from "../graph/index.ts";
import { nodeCpu } from "../runtime/index.node.ts";
import {
  adamW,
  type Checkpoint,
  type CheckpointStore,
  checkpointFile,
  sgd,
  train,
  type TrainOptions,
} from "./index.node.ts";

const rows = 8;

/** A small regression with a dropout mask, so that random inputs are part of what has to be reproduced. */
function network(batch = rows): Graph {
  const graph = new Graph("regression");
  const x = graph.input("x", "float32", [batch, 4]);
  const hidden = tanh(
    linear(
      x,
      graph.parameter("w1", [16, 4], { kind: "kaimingUniform" }),
      graph.parameter("b1", [16], { kind: "zeros" }),
    ),
  );
  const kept = multiply(hidden, graph.input("drop", "float32", [batch, 16], { kind: "dropout", keep: 0.8 }));
  const y = linear(
    kept,
    graph.parameter("w2", [2, 16], { kind: "kaimingUniform" }),
    graph.parameter("b2", [2], { kind: "zeros" }),
  );
  graph.output("loss", meanSquaredError(y, graph.input("y", "float32", [batch, 2])));
  return graph;
}

function batchOf(step: number, count = rows): Promise<Tensors> {
  const stream = randomStream(11, "batch", step);
  const x = Float32Array.from({ length: count * 4 }, () => stream.normal());
  const y = Float32Array.from({ length: count * 2 }, (_, i) => Math.sin(x[Math.floor(i / 2) * 4 + (i % 2)]!));
  return Promise.resolve(
    new Map([
      ["x", { dtype: "float32" as const, shape: [count, 4], data: x }],
      ["y", { dtype: "float32" as const, shape: [count, 2], data: y }],
    ]),
  );
}

async function options(overrides: Partial<TrainOptions> = {}): Promise<TrainOptions> {
  return {
    backend: await nodeCpu(),
    optimizer: adamW(),
    totalSteps: 60,
    learningRate: 0.01,
    seed: 3,
    batchSize: rows,
    batch: (step) => batchOf(step),
    emaDecay: 0.9,
    recordEvery: 7,
    ...overrides,
  };
}

const start = (): Tensors => initializeParameters(network(), 1);
const bytes = (weights: Tensors): number[][] =>
  [...weights].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { data }]) => [...(data as Float32Array)]);

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "vesalius-train-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("the same seed gives the same losses and weights to the last digit, another seed does not", async () => {
  const [first, second] = [
    await train(network(), start(), await options()),
    await train(network(), start(), await options()),
  ];
  expect(second.history).toEqual(first.history);
  expect(bytes(second.weights)).toEqual(bytes(first.weights));
  const other = await train(network(), start(), await options({ seed: 4 }));
  expect(other.history).not.toEqual(first.history);
  expect(first.history.at(-1)!.loss).toBeLessThan(first.history[0]!.loss);
});

test("training leaves the starting weights as they were", async () => {
  const weights = start();
  const before = bytes(weights);
  await train(network(), weights, await options({ totalSteps: 5 }));
  expect(bytes(weights)).toEqual(before);
});

test("an interrupted run goes on to the same numbers as an uninterrupted one", async () => {
  const whole = await train(network(), start(), await options());
  const checkpoints = checkpointFile(join(folder, "run.safetensors"));
  for (const stop of [10, 33]) {
    const controller = new AbortController();
    const interrupted = train(
      network(),
      start(),
      await options({
        checkpoints,
        checkpointEvery: 1000,
        signal: controller.signal,
        onProgress: ({ step }) => {
          if (step === stop) controller.abort();
        },
      }),
    );
    await expect(interrupted).rejects.toMatchObject({ code: "interrupted" });
    expect((await checkpoints.load())!.step).toBe(stop);
  }
  const resumed = await train(network(), start(), await options({ checkpoints }));
  expect(resumed.history).toEqual(whole.history);
  expect(bytes(resumed.weights)).toEqual(bytes(whole.weights));
  expect(await readdir(folder)).toEqual(["run.safetensors"]);
});

test("a checkpoint of a run with other settings is refused, and so is a damaged one", async () => {
  const path = join(folder, "run.safetensors");
  const checkpoints = checkpointFile(path);
  await train(network(), start(), await options({ totalSteps: 5, checkpoints, fingerprint: "a" }));
  await expect(
    train(network(), start(), await options({ totalSteps: 5, checkpoints, fingerprint: "b" })),
  ).rejects.toMatchObject({
    code: "checkpoint-mismatch",
  });
  await truncate(path, 300);
  await expect(checkpoints.load()).rejects.toMatchObject({
    code: "bad-file",
    fix: expect.stringContaining("delete it"),
  });
});

describe("a checkpoint that was changed", () => {
  const path = () => join(folder, "run.safetensors");
  const atStep = async (stop: number): Promise<void> => {
    const controller = new AbortController();
    const onProgress = ({ step }: { step: number }): void => void (step === stop && controller.abort());
    const stopped = train(
      network(),
      start(),
      await options({ checkpoints: checkpointFile(path()), signal: controller.signal, onProgress }),
    );
    await expect(stopped).rejects.toMatchObject({ code: "interrupted" });
  };
  const resumed = async () => train(network(), start(), await options({ checkpoints: checkpointFile(path()) }));
  const first = (tensors: Tensors, prefix: string): string =>
    [...tensors.keys()].find((name) => name.startsWith(prefix))!;

  test.each<[string, (tensors: Tensors, metadata: Record<string, string>) => void]>([
    [
      "lost its moments",
      (tensors) =>
        [...tensors.keys()]
          .filter((name) => !/^(state|best)\/[wb]\d$/.test(name))
          .forEach((name) => tensors.delete(name)),
    ],
    ["lost a weight", (tensors) => void tensors.delete(first(tensors, "state/"))],
    [
      "has one bit flipped",
      (tensors) => {
        tensorBytes(tensors.get(first(tensors, "state/"))!)[1]! ^= 4;
      },
    ],
    [
      "says another step",
      (_, metadata) => (metadata["training"] = metadata["training"]!.replace(/"step":\d+/, '"step":3')),
    ],
    ["has no checksum", (_, metadata) => void delete metadata["checksum"]],
  ])("and %s is refused", async (_, change) => {
    await atStep(10);
    const { tensors, metadata } = readSafetensors(await readFile(path()));
    const changed = { ...metadata };
    change(tensors, changed);
    await writeFile(path(), writeSafetensors(tensors, changed));
    await expect(resumed()).rejects.toMatchObject({
      code: "bad-file",
      where: path(),
      what: expect.stringContaining("checksum"),
    });
  });

  test("with every flipped bit of its header is refused", async () => {
    await atStep(10);
    const bytes = await readFile(path());
    for (let at = 0; at < Math.min(bytes.length, 8 + Number(bytes.readBigUInt64LE(0))); at += 37) {
      const damaged = Buffer.from(bytes);
      damaged[at]! ^= 1 << (at % 8);
      await writeFile(path(), damaged);
      await expect(resumed()).rejects.toMatchObject({ code: "bad-file" });
    }
  });
});

test("a checkpoint whose tensors are not those that are trained is refused, whoever kept it", async () => {
  const path = join(folder, "run.safetensors");
  const settings = { totalSteps: 5, checkpoints: checkpointFile(path) };
  await train(network(), start(), await options(settings));
  const kept = (await settings.checkpoints.load())!;
  const names = [...kept.state.keys()];
  const store = (changes: Partial<Checkpoint>): CheckpointStore => ({
    load: () => Promise.resolve({ ...kept, ...changes }),
    save: () => Promise.resolve(),
  });
  const without = (pattern: RegExp): Tensors => new Map([...kept.state].filter(([name]) => !pattern.test(name)));
  const [name, tensor] = [...kept.state].find(([, { shape }]) => shape.length === 2)!;
  const reshaped = new Map(kept.state).set(name, { ...tensor, shape: tensor.shape.toReversed().concat(1) });
  for (const [changes, message] of [
    [{ state: without(new RegExp(`^${names[0]!.replaceAll(".", "\\.")}$`)) }, `without ${names[0]!}`],
    [{ state: new Map([...kept.state, ["other", tensor]]) }, "with the unknown other"],
    [{ state: reshaped }, `with another type or shape of ${name}`],
    [{ step: 6 }, "says step 6"],
  ] as const)
    await expect(
      train(network(), start(), await options({ ...settings, checkpoints: store(changes) })),
    ).rejects.toMatchObject({
      code: "checkpoint-mismatch",
      what: expect.stringContaining(message),
    });
});

test("micro-batches give the gradient of the whole batch", async () => {
  const plain = { optimizer: sgd(), totalSteps: 4, learningRate: 0.1, schedule: { name: "constant" as const } };
  const graph = (batch: number): Graph => {
    const built = new Graph("linear");
    const x = built.input("x", "float32", [batch, 4]);
    const y = linear(
      x,
      built.parameter("w", [2, 4], { kind: "kaimingUniform" }),
      built.parameter("b", [2], { kind: "zeros" }),
    );
    built.output("loss", meanSquaredError(y, built.input("y", "float32", [batch, 2])));
    return built;
  };
  const weights = initializeParameters(graph(rows), 2);
  const whole = await train(graph(rows), weights, await options(plain));
  const cut = async (micro: number): Promise<Tensors> => {
    const half = rows / 2;
    const part = micro % 2;
    return new Map(
      [...(await batchOf(Math.floor(micro / 2)))].map(([name, { dtype, shape, data }]) => {
        const width = shape[1]!;
        return [
          name,
          {
            dtype,
            shape: [half, width],
            data: (data as Float32Array).slice(part * half * width, (part + 1) * half * width),
          },
        ];
      }),
    );
  };
  const accumulated = await train(
    graph(rows / 2),
    weights,
    await options({ ...plain, accumulation: 2, batchSize: rows / 2, batch: cut }),
  );
  expect(accumulated.history.map(({ step }) => step)).toEqual(whole.history.map(({ step }) => step));
  for (const [name, { data }] of whole.weights)
    (accumulated.weights.get(name)!.data as Float32Array).forEach((value, i) =>
      expect(value).toBeCloseTo((data as Float32Array)[i]!, 5),
    );
});

test("a loss that is not a number stops the run, says where, and keeps the last checkpoint", async () => {
  const checkpoints = checkpointFile(join(folder, "run.safetensors"));
  const poisoned = async (step: number): Promise<Tensors> => {
    const feeds = await batchOf(step);
    if (step === 12) (feeds.get("x")!.data as Float32Array)[5] = Number.NaN;
    return feeds;
  };
  await expect(
    train(network(), start(), await options({ batch: poisoned, checkpoints, checkpointEvery: 5 })),
  ).rejects.toThrow(/loss is no longer a finite number at step 13; the checkpoint of step 10 is kept/);
  const kept = (await checkpoints.load())!;
  expect(kept.step).toBe(10);
  for (const { data } of kept.state.values()) expect((data as Float32Array).every(Number.isFinite)).toBe(true);
});

test("early stopping ends the run and keepBest returns the best weights", async () => {
  const scores = [0.5, 0.7, 0.6, 0.65, 0.9];
  const seen: number[][] = [];
  const result = await train(
    network(),
    start(),
    await options({
      evaluation: {
        everySteps: 10,
        better: "higher",
        patience: 2,
        keepBest: true,
        score: (weights) => {
          seen.push([...(weights.get("w1")!.data as Float32Array)]);
          return Promise.resolve(scores[seen.length - 1]!);
        },
      },
    }),
  );
  expect(result).toMatchObject({ steps: 40, stoppedEarly: true, best: { step: 20, score: 0.7 } });
  expect([...(result.weights.get("w1")!.data as Float32Array)]).toEqual(seen[1]);
});

test("nothing trained and unused parameters are refused by name", async () => {
  await expect(train(network(), start(), await options({ policy: () => undefined }))).rejects.toThrow(
    /no parameter is trained/,
  );
});

test("two thousand steps do not grow the memory of the process", async () => {
  const settings = await options({ totalSteps: 1000, recordEvery: 500 });
  await train(network(), start(), settings);
  const before = process.memoryUsage().rss;
  await train(network(), start(), { ...settings, totalSteps: 2000 });
  expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(64);
});

test("compiling a shape that comes up for the first time is the engine's time, not waiting for batches", async () => {
  const backend = await nodeCpu();
  const slowly = 0.4;
  const load: typeof backend.load = async (model, settings) => {
    await new Promise((resolve) => setTimeout(resolve, 1000 * slowly));
    return backend.load(model, settings);
  };
  const slow = Object.create(backend, { load: { value: load } }) as typeof backend;
  const rowsOf = (bucket: string): number => (bucket === "short" ? 4 : rows);
  const source = {
    bucket: "long",
    graph: (bucket: string) => network(rowsOf(bucket)),
    async batch(step: number) {
      const bucket = step % 2 === 0 ? "long" : "short";
      return { bucket, feeds: await batchOf(step, rowsOf(bucket)), examples: rowsOf(bucket) };
    },
  };
  const { batch: _batch, ...settings } = await options({ totalSteps: 6 });
  const { time } = await train(source, start(), { ...settings, backend: slow });
  expect(time.engine).toBeGreaterThan(0.9 * slowly);
  expect(time.waiting).toBeLessThan(time.engine);
  expect(time.engine + time.waiting).toBeLessThanOrEqual(time.total);
});
