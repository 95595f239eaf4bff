import { beforeAll, describe, expect, test } from "vitest";
import {
  add,
  exp,
  Graph,
  float32,
  matMul,
  multiply,
  reduceSum,
  rewrite,
  scatterND,
  subtract,
  type Tensor,
  type Tensors,
  zeros,
} from "../graph/index.ts";
import type { Backend } from "./backend.ts";
import { nodeCpu } from "./node-cpu.node.ts";
import { overwritable, Program, type StateSlot } from "./program.ts";

let backend: Backend;
beforeAll(async () => {
  backend = await nodeCpu();
});

const slot: StateSlot = { read: "w", write: "w.next" };

/** w' = w - rate * gradient, and whatever else is wanted. */
function descent(extend: (graph: Graph) => void = () => {}): Graph {
  const graph = new Graph();
  const w = graph.parameter("w", [2, 2], { kind: "ones" });
  const gradient = graph.input("gradient", "float32", [2, 2]);
  graph.output("w.next", subtract(w, multiply(gradient, 0.5)));
  extend(graph);
  return graph;
}

describe("overwritable", () => {
  test("an element-wise update whose readers all come before it", () => {
    expect(overwritable(descent(), slot)).toBe(true);
  });

  test("not when something else still reads the old state", () => {
    const graph = descent((g) => g.output("norm", reduceSum(multiply(g.parameters.get("w")!, g.parameters.get("w")!))));
    expect(overwritable(graph, slot)).toBe(false);
  });

  test("but when the other reader comes before the update", () => {
    const graph = new Graph();
    const w = graph.parameter("w", [2], { kind: "ones" });
    const norm = reduceSum(multiply(w, w), undefined, { keepDimensions: false });
    graph.output("norm", norm);
    graph.output("w.next", subtract(w, norm));
    expect(overwritable(graph, slot)).toBe(true);
  });

  test("not when the update mixes elements", () => {
    const graph = new Graph();
    const w = graph.parameter("w", [2, 2], { kind: "ones" });
    graph.output("w.next", matMul(w, graph.input("x", "float32", [2, 2])));
    expect(overwritable(graph, slot)).toBe(false);
  });

  test("an update that writes single rows, unless it reads the state as rows or places too", () => {
    const graph = new Graph();
    const w = graph.parameter("w", [2, 2], { kind: "ones" });
    const places = graph.input("places", "int64", [2, 1]);
    graph.output("rows", scatterND(w, places, graph.input("rows", "float32", [2, 2])));
    graph.output("itself", scatterND(w, places, w));
    expect(overwritable(rewrite(graph, { outputs: ["rows"] }).graph, { read: "w", write: "rows" })).toBe(true);
    expect(overwritable(rewrite(graph, { outputs: ["itself"] }).graph, { read: "w", write: "itself" })).toBe(false);
  });

  test("not when the engine may make one node of a product of the state and the update", () => {
    const graph = new Graph();
    const w = graph.parameter("w", [2, 2], { kind: "ones" });
    graph.output("w.next", add(matMul(w, graph.input("x", "float32", [2, 2])), graph.input("b", "float32", [2, 2])));
    expect(overwritable(graph, slot)).toBe(false);
  });

  test("not when the old state is itself an output", () => {
    const graph = descent((g) => g.output("before", g.parameters.get("w")!));
    expect(overwritable(graph, slot)).toBe(false);
  });

  test("two states that read each other are written one after the other at most", () => {
    const graph = new Graph();
    const [a, b] = [graph.parameter("a", [2], { kind: "ones" }), graph.parameter("b", [2], { kind: "ones" })];
    graph.output("a.next", add(a, b));
    graph.output("b.next", subtract(b, a));
    expect(overwritable(graph, { read: "a", write: "a.next" })).toBe(false);
    expect(overwritable(graph, { read: "b", write: "b.next" })).toBe(false);
  });
});

/** The backend without writing in place. */
const withoutPlace = (): Backend => ({
  ...backend,
  writesInPlace: false,
  load: async (model, options) => {
    const session = await backend.load(model, options);
    return {
      inputNames: session.inputNames,
      outputNames: session.outputNames,
      // Results are copied, as a backend does that owns its memory.
      run: async (feeds) =>
        new Map(
          [...(await session.run(feeds))].map(([name, tensor]) => [name, { ...tensor, data: tensor.data.slice() }]),
        ),
      release: () => session.release(),
    };
  },
});

describe("Program", () => {
  const gradient = float32([2, 2], [1, 2, 3, 4]);
  const start = (): Tensors => new Map([["w", float32([2, 2], [10, 10, 10, 10])]]);

  async function steps(
    on: Backend,
    graph: Graph,
    slots: readonly StateSlot[],
    count: number,
    state: Tensors,
    feeds: Tensors,
  ) {
    const program = await Program.compile(graph, on, slots);
    let outputs: Tensors = new Map();
    for (let i = 0; i < count; i++) outputs = await program.run(feeds, state);
    await program.release();
    return outputs;
  }

  test("overwrites the tensor of the state where that is safe", async () => {
    const state = start();
    const held = state.get("w")!;
    await steps(backend, descent(), [slot], 2, state, new Map([["gradient", gradient]]));
    expect(state.get("w")).toBe(held);
    expect([...(held.data as Float32Array)]).toEqual([9, 8, 7, 6]);
  });

  test("alternates between two buffers where it is not", async () => {
    const graph = new Graph();
    const w = graph.parameter("w", [2, 2], { kind: "ones" });
    graph.output("w.next", matMul(w, graph.input("x", "float32", [2, 2])));
    const state = start();
    state.set("w", float32([2, 2], [1, 2, 3, 4]));
    const first = state.get("w")!;
    const program = await Program.compile(graph, backend, [slot]);
    const swap = new Map([["x", float32([2, 2], [0, 1, 1, 0])]]);
    const seen: Tensor[] = [];
    for (let i = 0; i < 3; i++) {
      await program.run(swap, state);
      seen.push(state.get("w")!);
    }
    await program.release();
    expect(seen[0]).not.toBe(first);
    expect(seen[1]).toBe(first);
    expect(seen[2]).toBe(seen[0]);
    expect([...(state.get("w")!.data as Float32Array)]).toEqual([2, 1, 4, 3]);
  });

  test("gives the same numbers in place, alternating and with new tensors", async () => {
    const build = (): Graph => {
      const graph = new Graph();
      const w = graph.parameter("w", [2, 2], { kind: "ones" });
      const m = graph.input("m", "float32", [2, 2]);
      const loss = reduceSum(exp(multiply(w, graph.input("x", "float32", [2, 2]))), undefined, {
        keepDimensions: false,
      });
      const next = add(multiply(m, 0.9), loss);
      graph.output("m.next", next);
      graph.output("w.next", subtract(w, multiply(next, 0.01)));
      graph.output("mixed.next", matMul(graph.input("mixed", "float32", [2, 2]), m));
      graph.output("loss", loss);
      return graph;
    };
    const slots = ["w", "m", "mixed"].map((read) => ({ read, write: `${read}.next` }));
    const results: unknown[] = [];
    for (const on of [backend, withoutPlace()]) {
      const state: Tensors = new Map([
        ["w", float32([2, 2], [1, 2, 3, 4])],
        ["m", zeros("float32", [2, 2])],
        ["mixed", float32([2, 2], [1, 0, 0, 1])],
      ]);
      const feeds = new Map([["x", float32([2, 2], [0.1, 0.2, 0.3, 0.4])]]);
      const outputs = await steps(on, build(), slots, 4, state, feeds);
      expect([...outputs.keys()]).toEqual(["loss"]);
      results.push([...state].map(([name, { data }]) => [name, [...(data as Float32Array)]]));
    }
    expect(results[0]).toEqual(results[1]);
  });

  test("leaves the state alone when a state is missing", async () => {
    const program = await Program.compile(descent(), backend, [slot]);
    const state: Tensors = new Map();
    await expect(program.run(new Map([["gradient", gradient]]), state)).rejects.toMatchObject({
      code: "bad-argument",
      where: "w",
    });
    expect(state.size).toBe(0);
    await program.release();
  });

  test("names an input that was not fed", async () => {
    const program = await Program.compile(descent(), backend, [slot]);
    await expect(program.run(new Map(), start())).rejects.toMatchObject({ where: "gradient" });
    await program.release();
  });

  test("refuses a state whose successor has another shape", async () => {
    const graph = new Graph();
    graph.output("w.next", reduceSum(graph.parameter("w", [2, 2], { kind: "ones" })));
    await expect(Program.compile(graph, backend, [slot])).rejects.toMatchObject({ code: "shape-mismatch", where: "w" });
  });

  test("refuses a state that the graph does not read", async () => {
    await expect(Program.compile(descent(), backend, [{ read: "v", write: "w.next" }])).rejects.toMatchObject({
      code: "bad-argument",
      where: "v",
    });
  });
});
