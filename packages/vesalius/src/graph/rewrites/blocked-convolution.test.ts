import { expect, test } from "vitest";
import { expectSameLowered } from "../../testing/lowered.node.ts";
import { convolution } from "../functions/index.ts";
import { Graph } from "../graph.ts";
import { blockConvolutions } from "./blocked-convolution.ts";

interface Case {
  readonly channels?: number;
  readonly outChannels?: number;
  readonly side?: number;
  /** Planes of a volume; images without. */
  readonly depth?: number;
  readonly kernel?: number;
  readonly options?: { stride?: number; padding?: number; dilation?: number; groups?: number };
  readonly bias?: boolean;
}

function graphOf(given: Case): Graph {
  const { channels = 32, outChannels = 16, side = 34, depth, kernel = 3, options = {}, bias = true } = given;
  const graph = new Graph("convolution");
  const extents = depth === undefined ? [side, side] : [depth, side, side];
  const x = graph.input("x", "float32", [2, channels, ...extents]);
  const shape = [outChannels, channels / (options.groups ?? 1), ...extents.map(() => kernel)];
  const weight = graph.input("weight", "float32", shape);
  const added = bias ? graph.input("bias", "float32", [outChannels]) : undefined;
  graph.output("y", convolution(x, weight, added, options));
  return graph;
}

const blocked = (graph: Graph): boolean =>
  blockConvolutions(graph, 16).nodes.some(({ type }) => type === "ReorderInput");

test.each<Case>([
  { options: { padding: 1 } },
  { bias: false },
  { channels: 16, outChannels: 48, kernel: 5, options: { padding: 2 } },
  { side: 72, options: { stride: 2, padding: 1 } },
  { side: 40, options: { dilation: 2 } },
  { depth: 6, side: 18, options: { padding: 1 } },
  { depth: 7, side: 16, kernel: 2, bias: false },
  { depth: 15, side: 32, options: { stride: 2, padding: 1 } },
  { depth: 9, side: 20, options: { dilation: 2, padding: 2 } },
])("a convolution on blocks of channels gives the same numbers: %j", async (given) => {
  const graph = graphOf(given);
  expect(blocked(graph)).toBe(true);
  await expectSameLowered(graph, 0, 1e-4);
});

test.each<[string, Case]>([
  ["groups", { options: { groups: 2 } }],
  ["channels that fill no block", { channels: 24 }],
  ["outputs that fill no block", { outChannels: 3 }],
  ["few positions", { side: 16 }],
  ["few positions of volumes", { depth: 4, side: 12 }],
  ["kernels of one position", { kernel: 1 }],
])("%s stay as they are", (_, given) => {
  const graph = graphOf(given);
  expect(blockConvolutions(graph, 16)).toBe(graph);
});

test("weights that never change are left to the engine", () => {
  const graph = new Graph("constant");
  const weight = graph.filled([16, 16, 3, 3], 1);
  graph.output("y", convolution(graph.input("x", "float32", [1, 16, 40, 40]), weight));
  expect(blocked(graph)).toBe(false);
});

test("volumes, for which the engine has no blocks, are brought into them with weights that never change too", () => {
  const graph = new Graph("constant");
  const weight = graph.filled([16, 16, 3, 3, 3], 1);
  graph.output("y", convolution(graph.input("x", "float32", [1, 16, 16, 16, 16]), weight));
  expect(blocked(graph)).toBe(true);
});
