import { beforeAll, describe, expect, test } from "vitest";
import { add, Graph, matMul, float32, type Tensor, type Tensors } from "../graph/index.ts";
import type { Backend, DeviceMemory } from "./backend.ts";
import { nodeCpu } from "./node-cpu.node.ts";
import { Program } from "./program.ts";

/** Memory of its own beside the main memory, which counts what lies in it. */
class CountingMemory implements DeviceMemory {
  readonly contents = new Map<Tensor, Tensor>();
  uploads = 0;

  stores({ dtype }: Tensor): boolean {
    return dtype === "float32";
  }

  holds(tensor: Tensor): boolean {
    return this.contents.has(tensor);
  }

  place(source: Tensor): Tensor {
    const placed = { dtype: source.dtype, shape: source.shape, data: new Float32Array(0) };
    this.contents.set(placed, source);
    return placed;
  }

  upload(source: Tensor): Tensor {
    this.uploads++;
    return this.place({ ...source, data: source.data.slice() });
  }

  download(tensor: Tensor): Promise<Tensor> {
    return Promise.resolve(this.contents.get(tensor) ?? tensor);
  }

  free(tensor: Tensor): void {
    this.contents.delete(tensor);
  }
}

let cpu: Backend;
beforeAll(async () => {
  cpu = await nodeCpu();
});

/** Computes on the processor, but keeps what it is told to in a memory of its own. */
const withMemory = (memory: CountingMemory): Backend => ({
  name: "device",
  version: cpu.version,
  writesInPlace: false,
  device: memory,
  async load(model, options) {
    const session = await cpu.load(model, options);
    return {
      inputNames: session.inputNames,
      outputNames: session.outputNames,
      async run(feeds) {
        const here: Tensors = new Map();
        for (const [name, tensor] of feeds) here.set(name, memory.contents.get(tensor) ?? tensor);
        const outputs = await session.run(here);
        for (const name of options?.keepOnDevice ?? []) outputs.set(name, memory.place(outputs.get(name)!));
        return outputs;
      },
      release: () => session.release(),
    };
  },
});

/** w' = w frozen + x, with w' as another output too. */
function graphWithState(): Graph {
  const graph = new Graph();
  const w = graph.parameter("w", [2, 2], { kind: "ones" });
  const frozen = graph.parameter("frozen", [2, 2], { kind: "ones" });
  const next = add(matMul(w, frozen), graph.input("x", "float32", [2, 2]));
  graph.output("w.next", next);
  graph.output("seen", add(next, 0));
  return graph;
}

describe("state on a device", () => {
  const states = [{ read: "w", write: "w.next" }];
  const feeds = new Map([["x", float32([2, 2], [1, 0, 0, 1])]]);
  const start = (): Tensors =>
    new Map([
      ["w", float32([2, 2], [1, 2, 3, 4])],
      ["frozen", float32([2, 2], [0, 1, 1, 0])],
      ["unread", float32([1], [5])],
    ]);

  test("stays there from run to run, goes there once, and is freed", async () => {
    const memory = new CountingMemory();
    const program = await Program.compile(graphWithState(), withMemory(memory), states);
    const state = start();
    let outputs: Tensors = new Map();
    for (let i = 0; i < 3; i++) {
      outputs = await program.run(feeds, state);
      // The state and the frozen parameter.
      expect(memory.contents.size).toBe(2);
    }
    expect(memory.uploads).toBe(2);
    expect(memory.holds(state.get("w")!)).toBe(true);
    expect(memory.holds(outputs.get("seen")!)).toBe(false);
    const here = await program.download(state);
    expect(here.get("w")).toEqual(outputs.get("seen"));
    expect(here.get("unread")).toBe(state.get("unread"));
    await program.release(state);
    expect(memory.contents.size).toBe(0);
  });

  test("is the same as in main memory", async () => {
    const results: Tensors[] = [];
    for (const backend of [cpu, withMemory(new CountingMemory())]) {
      const program = await Program.compile(graphWithState(), backend, states);
      const state = start();
      for (let i = 0; i < 4; i++) await program.run(feeds, state);
      results.push(await program.download(state));
      await program.release(state);
    }
    expect(results[1]!.get("w")).toEqual(results[0]!.get("w"));
  });

  test("a frozen parameter that is replaced is copied anew", async () => {
    const memory = new CountingMemory();
    const program = await Program.compile(graphWithState(), withMemory(memory), states);
    const state = start();
    await program.run(feeds, state);
    state.set("frozen", float32([2, 2], [1, 0, 0, 1]));
    const before = (await program.download(state)).get("w")!.data as Float32Array;
    const outputs = await program.run(feeds, state);
    expect([...(outputs.get("seen")!.data as Float32Array)]).toEqual([...before].map((v, i) => v + [1, 0, 0, 1][i]!));
    expect(memory.contents.size).toBe(2);
    await program.release(state);
    expect(memory.contents.size).toBe(0);
  });
});
