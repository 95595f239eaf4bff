import { expect, test } from "vitest";
import { Graph, initializeParameters, type Tensor, type Tensors } from "../../graph/index.ts";
import { type Gpt2Config, gpt2, gpt2ConfigSchema, tokenLoss } from "../../models/index.ts";
import {
  expectReference,
  type Fixture,
  readFixture,
  runGraph,
  toFloat32,
  toInt32,
} from "../../testing/reference.node.ts";
import { applyPrefixTuning } from "./prefix-tuning.ts";
import { applyPromptTuning, promptParameter } from "./prompt-tuning.ts";

const config: Gpt2Config = gpt2ConfigSchema.parse({
  vocabularySize: 40,
  contextLength: 32,
  width: 24,
  depth: 2,
  heads: 3,
  hiddenWidth: 40,
  layout: "inOut",
});

function gptGraph(length: number): Graph {
  const graph = new Graph("gpt");
  const mask = graph.input("attention_mask", "float32", [2, length]);
  const logits = graph.output("logits", gpt2(graph.input("input_ids", "int32", [2, length]), config, mask));
  graph.output("loss", tokenLoss(logits, graph.input("labels", "int32", [2, length]), { shift: true }));
  return graph;
}

/** PEFT's name of a parameter as the graph has it. */
const plainName = (name: string): string => name.replace("base_model.", "").replace(".default", "");

/** A row of `[2, length]` integers with `count` times `value` in front. */
function leftFilled(tensor: Tensor, count: number, value: number): Tensor {
  const source = toInt32(tensor).data as Int32Array;
  const length = tensor.shape[1]!;
  const data = new Int32Array(2 * (length + count)).fill(value);
  for (let row = 0; row < 2; row++)
    data.set(source.subarray(row * length, (row + 1) * length), row * (length + count) + count);
  return { dtype: "int32", shape: [2, length + count], data };
}

const feedsOf = ({ inputs }: Fixture, count: number): Tensors =>
  new Map([
    ["input_ids", leftFilled(inputs.get("input_ids")!, count, 0)],
    ["attention_mask", toFloat32(leftFilled(inputs.get("attention_mask")!, count, 1))],
    ["labels", leftFilled(inputs.get("labels")!, count, -100)],
  ]);

test("reproduces PEFT's prompt tuning of GPT-2: logits, loss and the gradient of the prompts", async () => {
  const fixture = await readFixture("adaptation/prompt_tuning_gpt2");
  const { graph } = applyPromptTuning(gptGraph(14), { virtualTokens: 5, table: "transformer.wte.weight" });
  await expectReference(graph, fixture, { feeds: feedsOf(fixture, 5), outputs: ["logits"], parameter: plainName });
});

test("reproduces PEFT's prefix tuning of GPT-2: logits, loss and the gradient of the prefixes", async () => {
  const fixture = await readFixture("adaptation/prefix_tuning_gpt2");
  const { graph } = applyPrefixTuning(gptGraph(9), { virtualTokens: 4, positions: "transformer.wpe.weight" });
  await expectReference(graph, fixture, { feeds: feedsOf(fixture, 0), outputs: ["logits"], parameter: plainName });
});

test("the tokens in the places of the prompts do not matter", async () => {
  const fixture = await readFixture("adaptation/prompt_tuning_gpt2");
  const { graph } = applyPromptTuning(gptGraph(14), { virtualTokens: 5, table: "transformer.wte.weight" });
  const weights = initializeParameters(graph, 3);
  const run = async (filler: number) => {
    const tokens = leftFilled(fixture.inputs.get("input_ids")!, 5, filler);
    const feeds: Tensors = new Map([...weights, ...feedsOf(fixture, 5), ["input_ids", tokens]]);
    return (await runGraph(graph, feeds)).get("logits")!;
  };
  expect((await run(17)).data).toEqual((await run(0)).data);
});

test("projected prefixes come from a perceptron", async () => {
  const fixture = await readFixture("adaptation/prefix_tuning_gpt2");
  const { graph } = applyPrefixTuning(gptGraph(9), { virtualTokens: 4, projectionWidth: 10 });
  expect(graph.parameters.get(promptParameter)!.shape).toEqual([4, 24]);
  expect(graph.parameters.get("prompt_encoder.transform.2.weight")!.shape).toEqual([96, 10]);
  const results = await runGraph(graph, new Map([...initializeParameters(graph, 3), ...feedsOf(fixture, 0)]));
  expect((results.get("logits")!.data as Float32Array).every(Number.isFinite)).toBe(true);
});

test("what cannot be prompted is refused", () => {
  expect(() => applyPromptTuning(gptGraph(9), { virtualTokens: 9, table: "transformer.wte.weight" })).toThrow(
    /9 prompts leave no text/,
  );
  expect(() => applyPromptTuning(gptGraph(9), { virtualTokens: 2, table: "wte" })).toThrow(/looked up/);
  expect(() => applyPrefixTuning(new Graph("empty"), { virtualTokens: 2 })).toThrow(/no attention/);
  expect(() => applyPrefixTuning(gptGraph(9), { virtualTokens: 24, positions: "transformer.wpe.weight" })).toThrow(
    /no room for 24 prefix tokens in 32 positions/,
  );
});
