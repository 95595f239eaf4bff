import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { randomStream } from "../../common/random.ts";
import { nodeCpu } from "../../runtime/node-cpu.node.ts";
import type { Backend } from "../../runtime/backend.ts";
import { gradients } from "../autodiff.ts";
import { add, gelu, layerNorm, linear, meanSquaredError, multiply, reduceSum, sin, tanh } from "../functions/index.ts";
import { Graph } from "../graph.ts";
import { toOnnx } from "../onnx/write.ts";
import { elementCount, type Tensors } from "../../common/tensor.ts";
import type { Node, Value } from "../value.ts";
import { type Recomputation, segmentsOf } from "./recomputation.ts";
import { ancestors, pruned, rewrite } from "./rewrite.ts";

let backend: Backend;
let folder = "";
beforeAll(async () => {
  backend = await nodeCpu();
  folder = await mkdtemp(join(tmpdir(), "vesalius-recomputation-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const width = 6;
const depth = 4;

/** Residual blocks with norms and dropout; the last two share their weights, and all read a second input. */
function network(): { graph: Graph; loss: Value; parameters: readonly Value[] } {
  const graph = new Graph("residual network");
  const parameter = (name: string, shape: readonly number[]) => graph.parameter(name, shape, { kind: "zeros" });
  let x = graph.input("x", "float32", [5, width]);
  const context = tanh(graph.input("context", "float32", [5, width]));
  for (let i = 0; i < depth; i++) {
    const name = `layer${Math.min(i, depth - 2)}`;
    x = graph.block(`block${i}`, () => {
      const normed = layerNorm(
        add(x, context),
        parameter(`${name}.scale`, [width]),
        parameter(`${name}.bias`, [width]),
      );
      const hidden = gelu(linear(normed, parameter(`${name}.up`, [2 * width, width])));
      const kept = multiply(hidden, graph.input(`drop${i}`, "float32", hidden.shape, { kind: "dropout", keep: 0.8 }));
      return add(x, linear(kept, parameter(`${name}.down`, [width, 2 * width])));
    });
  }
  const loss = meanSquaredError(x, graph.input("y", "float32", [5, width]));
  return { graph, loss, parameters: [...graph.parameters.values()] };
}

const normals = (graph: Graph, seed: number): Tensors =>
  new Map(
    [...graph.inputs.values(), ...graph.parameters.values()].map(({ name, dtype, shape, random }) => {
      const stream = randomStream(seed, name);
      const draw = (): number => (random === undefined ? stream.normal() : stream.uniform() < 0.8 ? 1.25 : 0);
      return [name, { dtype, shape, data: Float32Array.from({ length: elementCount(shape) }, draw) }];
    }),
  );

/** A graph whose outputs are the loss and its gradients. */
function differentiated(recomputation: Recomputation, wanted: (parameter: Value) => boolean = () => true): Graph {
  const { graph, loss, parameters } = network();
  graph.output("loss", loss);
  const found = gradients(loss, parameters.filter(wanted), { recomputation });
  for (const [{ name }, gradient] of found) graph.output(`gradient of ${name}`, gradient);
  return pruned(graph);
}

async function run(graph: Graph, seed: number, profile?: string): Promise<Tensors> {
  const session = await backend.load(toOnnx(graph), profile === undefined ? {} : { profile });
  try {
    return await session.run(normals(graph, seed));
  } finally {
    await session.release();
  }
}

function expectEqual(actual: Tensors, expected: Tensors): void {
  expect([...actual.keys()].sort()).toEqual([...expected.keys()].sort());
  for (const [name, { data }] of expected) {
    const numbers = data as Float32Array;
    const largest = numbers.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    (actual.get(name)!.data as Float32Array).forEach((value, i) => {
      expect(Math.abs(value - numbers[i]!), `${name}[${i}]`).toBeLessThanOrEqual(1e-6 * largest);
    });
  }
}

const isAgain = ({ name }: Node): boolean => name.includes("/again/");

describe("gradients with recomputation", () => {
  const modes: Recomputation[] = ["blocks", { everyNthBlock: 2 }, { everyNthBlock: 3 }, { everyNthBlock: 10 }];
  test.each(modes)("equal those without it, dropout and shared weights included: %j", async (recomputation) => {
    expectEqual(await run(differentiated(recomputation), 1), await run(differentiated("none"), 1));
  });

  test("equal those without it where the lower layers are frozen, which are not recomputed", async () => {
    const upper = ({ name }: Value): boolean => !/^layer[01]\./.test(name);
    const graph = differentiated("blocks", upper);
    expectEqual(await run(graph, 2), await run(differentiated("none", upper), 2));
    const again = graph.nodes.filter(isAgain);
    expect(again.length).toBeGreaterThan(0);
    expect(again.filter(({ name }) => /drop[01]/.test(name))).toEqual([]);
    const inputs = new Set(again.flatMap(({ inputs: read }) => read.map((value) => value?.name)));
    expect([...inputs].filter((name) => /^layer[01]\./.test(name ?? ""))).toEqual([]);
  });

  test("equal those without it in any cut of any chain into blocks", async () => {
    const functions = [sin, tanh, gelu, (x: Value) => multiply(x, x), (x: Value) => add(multiply(x, 0.5), sin(x))];
    const step = fc.record({ kind: fc.nat(functions.length - 1), block: fc.option(fc.nat(2)), back: fc.nat(3) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 9 }),
        fc.integer({ min: 1, max: 3 }),
        async (steps, n) => {
          const build = (recomputation: Recomputation): Graph => {
            const graph = new Graph();
            const values = [graph.input("x", "float32", [3])];
            for (const { kind, block, back } of steps)
              graph.block(block === null ? undefined : `block${block}`, () => {
                const earlier = values.at(-1 - Math.min(back, values.length - 1))!;
                values.push(add(values.at(-1)!, functions[kind]!(earlier)));
              });
            const loss = graph.output("loss", reduceSum(values.at(-1)!, undefined, { keepDimensions: false }));
            graph.output("gradient", gradients(loss, [values[0]!], { recomputation }).get(values[0]!)!);
            return rewrite(graph).graph;
          };
          fc.pre(steps.some(({ block }) => block !== null));
          expectEqual(await run(build({ everyNthBlock: n }), 3), await run(build("none"), 3));
        },
      ),
      { numRuns: 12 },
    );
  });

  test("read nothing of the forward pass but what enters a block", () => {
    const graph = differentiated("blocks");
    const forward = new Set(graph.nodes.filter((node) => node.block !== undefined));
    const crossing = graph.nodes
      .filter((node) => !forward.has(node))
      .flatMap(({ inputs }) => inputs)
      .filter((value) => value?.node !== undefined && forward.has(value.node));
    // The results of the blocks: the last one goes into the loss, each other one enters the next block again.
    expect(new Set(crossing).size).toBe(depth);
    // The last projection of a block is not needed to go back through it.
    const down = (node: Node): boolean => node.inputs.some((value) => value?.name.endsWith(".down") === true);
    expect(graph.nodes.filter((node) => isAgain(node) && node.type === "Gemm" && down(node))).toEqual([]);
  });

  test("wait for the gradients of the blocks above, which never wait for them", () => {
    const graph = differentiated("blocks");
    const again = graph.nodes.filter(isAgain);
    const lossNodes = ancestors([graph.result("loss")]);
    for (const node of again) expect(node.outputs.some((output) => lossNodes.has(output))).toBe(false);
    const lowest = again.filter(({ inputs }) => inputs.some((value) => value?.name === "layer0.up"));
    expect(lowest.length).toBeGreaterThan(0);
    for (const node of lowest) {
      const before = ancestors(node.outputs);
      for (const name of ["layer1.up", "layer1.down"])
        expect(before.has(graph.result(`gradient of ${name}`)), name).toBe(true);
    }
  });
});

const eventSchema = z.object({ cat: z.string(), name: z.string(), ts: z.number() });

test("ONNX Runtime keeps the second computation and runs it block by block, after the gradients above", async () => {
  const graph = differentiated("blocks");
  await run(graph, 4, join(folder, "profile"));
  const [file] = await readdir(folder);
  const events = z.array(eventSchema.loose()).parse(JSON.parse(await readFile(join(folder, file!), "utf8")));
  const order = events
    .filter(({ cat, name }) => cat === "Node" && name.endsWith("_kernel_time"))
    .toSorted((a, b) => a.ts - b.ts)
    .map(({ name }) => name.replace(/_kernel_time$/, ""));
  // Fusions give some nodes new names, so the norm of each block, which has none, stands for its block.
  const norms = graph.nodes.filter((node) => isAgain(node) && node.type === "LayerNormalization");
  expect(norms).toHaveLength(depth);
  const positions = norms.map(({ name }) => order.indexOf(name));
  expect(positions.every((position) => position >= 0)).toBe(true);
  // The graph holds them from the last block to the first, and so they run.
  expect(positions).toEqual(positions.toSorted((a, b) => a - b));
  // The weights of the second block are its own, so nothing is added to their gradient after it is computed.
  const weightGradient = order.indexOf(graph.result("gradient of layer1.down").node!.name);
  expect(weightGradient).toBeGreaterThan(positions[2]!);
  expect(weightGradient).toBeLessThan(positions[3]!);
});

describe("segments", () => {
  const marked = (blocks: readonly (string | undefined)[]): readonly Node[] => {
    const graph = new Graph();
    let x = graph.input("x", "float32", [1]);
    for (const block of blocks) x = graph.block(block, () => sin(x));
    return graph.nodes;
  };

  test("are single blocks, or several that follow each other directly", () => {
    const nodes = marked([undefined, "a", "a", "b", "c", undefined, "d", "e"]);
    const cut = (recomputation: Recomputation) =>
      segmentsOf(nodes, recomputation).map(({ start, end }) => [start, end]);
    expect(cut("none")).toEqual([]);
    expect(cut("blocks")).toEqual([
      [1, 3],
      [3, 4],
      [4, 5],
      [6, 7],
      [7, 8],
    ]);
    expect(cut({ everyNthBlock: 2 })).toEqual([
      [1, 4],
      [4, 5],
      [6, 8],
    ]);
  });

  test("a block inside a block belongs to the outer one, and rewriting keeps the marks", () => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [1]);
    graph.output(
      "y",
      graph.block("outer", () => sin(graph.block("inner", () => tanh(x)))),
    );
    const blocks = (nodes: readonly Node[]) => nodes.map(({ block }) => block);
    expect(blocks(graph.nodes)).toEqual(["outer", "outer"]);
    const doubled = rewrite(graph, {
      node: (node, inputs) => (node.type === "Tanh" ? [add(inputs[0]!, inputs[0]!)] : undefined),
    });
    expect(blocks(doubled.graph.nodes)).toEqual(["outer", "outer"]);
  });

  test.each([0, 1.5, -1])("%s blocks at a time are refused", (everyNthBlock) => {
    expect(() => segmentsOf(marked(["a"]), { everyNthBlock })).toThrow(
      expect.objectContaining({ code: "bad-configuration", where: "recomputation" }),
    );
  });

  test("a model without blocks is refused, with what to do", () => {
    expect(() => segmentsOf(marked([undefined]), "blocks")).toThrow(
      expect.objectContaining({ code: "bad-configuration", fix: expect.stringContaining("graph.block") }),
    );
  });
});
