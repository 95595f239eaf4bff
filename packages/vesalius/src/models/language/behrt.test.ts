import { expect, test } from "vitest";
import { Graph, type Tensor, type Tensors } from "../../graph/index.ts";
import { expectClose, runGraph } from "../../testing/reference.node.ts";
import { lively } from "../architectures.test.helper.ts";
import { bertEncoder } from "./bert.ts";
import { behrtArchitecture } from "./behrt-architecture.ts";
import { bertConfigOf, behrtLayers, behrtSettingsSchema, visitPositions } from "./behrt.ts";

const config = {
  ...behrtSettingsSchema.parse({ width: 16, depth: 2, heads: 2, hiddenWidth: 24, maximumPositions: 6 }),
  vocabularySize: 20,
  ageRows: 30,
};
const int32 = (data: number[]): Tensor => ({ dtype: "int32", shape: [2, 6], data: Int32Array.from(data) });
const tokens = int32([3, 5, 6, 2, 7, 2, 3, 9, 2, 0, 0, 0]);
const segments = int32([0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0]);
const feeds = {
  tokens,
  segments,
  ages: int32([4, 4, 4, 4, 5, 5, 9, 9, 9, 0, 0, 0]),
  positions: int32([0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0]),
};

function behrt() {
  const graph = new Graph("behrt");
  const input = (name: keyof typeof feeds) => graph.input(name, "int32", [2, 6]);
  const inputs = {
    tokens: input("tokens"),
    segments: input("segments"),
    ages: input("ages"),
    positions: input("positions"),
  };
  const { hidden } = behrtLayers(inputs, config, { training: false });
  graph.output("hidden", hidden.at(-1)!);
  return graph;
}
const zeros = ({ shape, data }: Tensor): Tensor => ({ dtype: "float32", shape, data: new Float32Array(data.length) });

test("is BERT where the vectors of ages and visits are zero", async () => {
  const graph = behrt();
  const weights = new Map(lively(graph));
  for (const name of ["age", "posi"]) {
    const own = `bert.embeddings.${name}_embeddings.weight`;
    weights.set(own, zeros(weights.get(own)!));
  }
  const found = await runGraph(graph, new Map([...Object.entries(feeds), ...weights]));
  const plain = new Graph("bert");
  const [ids, types] = [plain.input("tokens", "int32", [2, 6]), plain.input("segments", "int32", [2, 6])];
  plain.output("hidden", bertEncoder({ tokens: ids, segments: types }, bertConfigOf(config)));
  const renamed: Tensors = new Map();
  for (const [name, { shape }] of plain.parameters) {
    const same = weights.get(name.replace("token_type_embeddings", "segment_embeddings"));
    renamed.set(name, same ?? { dtype: "float32", shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) });
  }
  const expected = await runGraph(plain, new Map([["tokens", tokens], ["segments", segments], ...renamed]));
  expectClose(found.get("hidden")!, expected.get("hidden")!, 1e-5, 1e-6, "hidden");
  const whole = await runGraph(graph, new Map([...Object.entries(feeds), ...lively(graph)]));
  expect(whole.get("hidden")!.data).not.toEqual(expected.get("hidden")!.data);
});

test("has the names of the published checkpoint, and its fixed vectors of visits", () => {
  const names = [...behrt().parameters]
    .filter(([name]) => name.includes("embeddings"))
    .map(([name, { isBuffer }]) => [name, isBuffer]);
  expect(Object.fromEntries(names)).toEqual({
    "bert.embeddings.word_embeddings.weight": false,
    "bert.embeddings.segment_embeddings.weight": false,
    "bert.embeddings.age_embeddings.weight": false,
    "bert.embeddings.posi_embeddings.weight": true,
    "bert.embeddings.LayerNorm.weight": false,
    "bert.embeddings.LayerNorm.bias": false,
  });
  // numpy of the published code: sin(3 / 10000 ** (2 * 2 / 8)), cos(3 / 10000 ** (2 * 3 / 8)).
  const { data } = visitPositions(4, 8, Math.SQRT1_2);
  expect(data[3 * 8 + 2]).toBeCloseTo(Math.sin(0.03), 6);
  expect(data[3 * 8 + 3]).toBeCloseTo(Math.cos(0.003), 6);
  expect(Array.from(data as Float32Array).slice(0, 4)).toEqual([0, 1, 0, 1].map((value) => expect.closeTo(value, 6)));
});

test("reads the published configuration, and refuses keys that it does not compute", () => {
  const published = {
    vocab_size: 305,
    age_vocab_size: 112,
    seg_vocab_size: 2,
    hidden_size: 288,
    num_hidden_layers: 6,
    num_attention_heads: 12,
    intermediate_size: 512,
    max_position_embeddings: 64,
  };
  const { settings } = behrtArchitecture.fromFile!(published)!;
  expect(settings).toMatchObject({
    width: 288,
    depth: 6,
    heads: 12,
    hiddenWidth: 512,
    ageRows: 112,
    vocabularySize: 305,
  });
  expect(() => behrtArchitecture.fromFile!({ ...published, number_output: 5 })).toThrow(/number_output/);
  expect(behrtArchitecture.fromFile!({ vocab_size: 3 })).toBeUndefined();
});

test("refuses a table that is too small for the timelines, and more tokens than positions", () => {
  const network = behrtArchitecture.create(
    behrtSettingsSchema.parse({ width: 16, heads: 2, vocabularySize: 6, maximumPositions: 8 }),
  );
  const encoder = { name: "timelineTokens", vocabulary: ["a", "b", "c"], maximumLength: 8 };
  expect(() => network.fitted!({ timeline: encoder })).toThrow(/8 rows of vocabularySize/);
  expect(() => network.fitted!({ timeline: { ...encoder, maximumLength: 9 } })).toThrow(/8 positions/);
});
