import { expect, test } from "vitest";
import { binaryCrossEntropy, Graph, initializeParameters, reshape } from "../../graph/index.ts";
import { expectReference, fixtureInputs, readFixture, runGraph } from "../../testing/reference.node.ts";
import { universeg, universegConfigSchema } from "./universeg.ts";

test("reproduces UniverSeg: features, logits, loss and every gradient", async () => {
  const fixture = await readFixture("model/universeg");
  const graph = new Graph("universeg");
  const { values, feeds } = fixtureInputs(graph, fixture);
  const config = universegConfigSchema.parse({ features: [6, 8, 8] });
  const images = [values("target_image"), values("support_images"), values("support_labels")] as const;
  const { encoder, logits } = universeg(...images, config);
  graph.output("enc_block_0_target", reshape(encoder[0]!.target, [2, 1, 6, 16, 16]));
  graph.output("enc_block_0_support", encoder[0]!.support);
  graph.output("logits", logits);
  graph.output("loss", binaryCrossEntropy(logits, values("target_label")));
  await expectReference(graph, fixture, { feeds, outputs: ["enc_block_0_target", "enc_block_0_support", "logits"] });
});

test("the order of the examples does not matter", async () => {
  const graph = new Graph("universeg");
  const examples = (name: string) => graph.input(name, "float32", [1, 2, 1, 8, 8]);
  const target = graph.input("target", "float32", [1, 1, 8, 8]);
  const config = universegConfigSchema.parse({ features: [4, 4] });
  graph.output("logits", universeg(target, examples("images"), examples("labels"), config).logits);
  const weights = initializeParameters(graph, 2);
  const [first, second, query] = [1, 2, 3].map((seed) => Array.from({ length: 64 }, (_, i) => Math.sin(seed * i)));
  const run = async (order: readonly number[][]): Promise<Float32Array> => {
    const stacked = Float32Array.from(order.flat());
    const masks = stacked.map((value) => (value > 0 ? 1 : 0));
    const results = await runGraph(
      graph,
      new Map([
        ...weights,
        ["target", { dtype: "float32" as const, shape: [1, 1, 8, 8], data: Float32Array.from(query!) }],
        ["images", { dtype: "float32" as const, shape: [1, 2, 1, 8, 8], data: stacked }],
        ["labels", { dtype: "float32" as const, shape: [1, 2, 1, 8, 8], data: masks }],
      ]),
    );
    return results.get("logits")!.data as Float32Array;
  };
  const [straight, swapped] = [await run([first!, second!]), await run([second!, first!])];
  straight.forEach((value, i) => expect(swapped[i]).toBeCloseTo(value, 5));
});
