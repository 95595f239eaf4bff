/**
 * Runs a small vision transformer on one execution provider of ONNX Runtime and prints `{ "logits": [...] }`. A process of
 * its own, because a provider without its driver can end the process instead of failing.
 *
 *     node probe-provider.js cpu
 */
import { Graph, initializeParameters, toOnnx } from "vesalius/graph";
import { classificationHead, vit } from "vesalius/models";
import { loadOnnxRuntimeNode } from "vesalius/runtime";

const side = 16;

async function logitsOn(provider: string): Promise<number[]> {
  const { network } = vit.micro({ imageSize: side, patchSize: 4, depth: 1 });
  const graph = new Graph("doctor");
  const images = { pixels: graph.input("images", "float32", [1, 1, side, side]) };
  const { pooled } = network.features({ image: images }, { training: false });
  graph.output("logits", classificationHead(pooled, 4));
  const model = toOnnx(graph, { weights: initializeParameters(graph, 0) });
  const runtime = await loadOnnxRuntimeNode();
  const session = await runtime.InferenceSession.create(model, { executionProviders: [provider], logSeverityLevel: 3 });
  const pixels = Float32Array.from({ length: side * side }, (_, i) => Math.sin(i));
  const { logits } = await session.run({ images: new runtime.Tensor("float32", pixels, [1, 1, side, side]) });
  await session.release();
  return Array.from(logits!.data as Float32Array);
}

const provider = process.argv[2] ?? "cpu";
try {
  process.stdout.write(JSON.stringify({ logits: await logitsOn(provider) }));
} catch (error) {
  process.stdout.write(JSON.stringify({ failure: error instanceof Error ? error.message : String(error) }));
  process.exitCode = 1;
}
