import { expect, test } from "vitest";
import { Graph, gradients, meanSquaredError } from "../../graph/index.ts";
import { bart, bartConfigSchema } from "../language/bart.ts";
import { hyenaDna, hyenaDnaConfigSchema } from "../bioinformatics/hyenadna.ts";
import { performer, performerConfigSchema } from "../bioinformatics/performer.ts";
import { isFixedTable } from "./fixed-table.ts";

const small = { width: 8, depth: 1 };

test.each([
  [
    "bart",
    (graph: Graph) => {
      const tokens = graph.input("tokens", "int32", [1, 3]);
      const one = { encoderDepth: 1, decoderDepth: 1, encoderHeads: 2, decoderHeads: 2 };
      return bart({ tokens, decoderTokens: tokens }, bartConfigSchema.parse({ vocabularySize: 9, width: 8, ...one }))
        .logits;
    },
    1,
  ],
  [
    "hyenadna",
    (graph: Graph) =>
      hyenaDna(graph.input("tokens", "int32", [1, 3]), hyenaDnaConfigSchema.parse({ ...small, maximumLength: 5 }))
        .hidden,
    3,
  ],
  [
    "performer",
    (graph: Graph) =>
      performer(
        graph.input("tokens", "int32", [1, 3]),
        performerConfigSchema.parse({ ...small, maximumLength: 5, heads: 2, headWidth: 4 }),
      ).logits,
    1,
  ],
] as const)("exactly the fixed tables of %s get no gradient", (_name, build, count) => {
  const graph = new Graph("model");
  const y = build(graph);
  const parameters = [...graph.parameters.values()];
  const found = gradients(meanSquaredError(y, graph.input("target", "float32", y.shape)), parameters);
  const without = parameters.filter((parameter) => found.get(parameter) === undefined).map(({ name }) => name);
  expect(without).toEqual(parameters.map(({ name }) => name).filter(isFixedTable));
  expect(without.length).toBe(count);
});
