import { blockUntilReady, defaultDevice, init, jit, lax, nn, numpy as np, tree, valueAndGrad } from "@jax-js/jax";
import { createRequire } from "node:module";
import { z } from "zod";
import { answer, askedFor } from "../measuring/child.ts";
import { timeRuns } from "../measuring/timing.ts";
import { peerAnswerSchema, peerQuestionSchema } from "./messages.ts";
import { encoderWeights, labelTable, peerSeconds, type PlainTensor, uniformTensor } from "./peer-data.ts";
import { adamSettings, convolutionShapes, encoderShapes, epsilon } from "./shapes.ts";

const { workload, size, steps } = askedFor(peerQuestionSchema);

type Weights = Record<string, np.Array>;
type Loss = (weights: Weights, ...batch: np.Array[]) => np.Array;

const array = ({ data, shape }: PlainTensor): np.Array => np.array(data).reshape([...shape]);

/** Every array is used up by the function that it is passed to; `ref` keeps it for another use. */
function encoder(): { loss: Loss; weights: Weights; batch: np.Array[] } {
  const shape = encoderShapes[size];
  const { batchSize, imageSize, patchSize, width, depth, heads } = shape;
  const tokens = (imageSize / patchSize) ** 2;
  const weights = Object.fromEntries([...encoderWeights(shape)].map(([name, each]) => [name, array(each)]));
  const batch = [array(uniformTensor([batchSize * tokens, patchSize ** 2])), array(labelTable(shape))];
  const loss: Loss = (weight, patches, labels) => {
    const linear = (x: np.Array, name: string): np.Array =>
      np.matmul(x, weight[`${name}.weight`]!).add(weight[`${name}.bias`]!);
    const norm = (x: np.Array, name: string): np.Array =>
      nn.standardize(x, -1, { epsilon }).mul(weight[`${name}.weight`]!).add(weight[`${name}.bias`]!);
    const attention = (x: np.Array, block: number): np.Array => {
      const qkv = linear(x, `${block}.qkv`)
        .reshape([batchSize, tokens, 3, heads, width / heads])
        .transpose([2, 0, 3, 1, 4]);
      const [query, key, value] = [qkv.ref.slice(0), qkv.ref.slice(1), qkv.slice(2)];
      const scores = np.matmul(query.mul((width / heads) ** -0.5), key.transpose([0, 1, 3, 2]));
      const mixed = np.matmul(nn.softmax(scores, -1), value);
      return linear(mixed.transpose([0, 2, 1, 3]).reshape([batchSize * tokens, width]), `${block}.projection`);
    };
    let x = linear(patches, "patches")
      .reshape([batchSize, tokens, width])
      .add(weight["positions"]!)
      .reshape([batchSize * tokens, width]);
    for (let i = 0; i < depth; i++) {
      x = x.ref.add(attention(norm(x, `${i}.norm1`), i));
      const hidden = nn.gelu(linear(norm(x.ref, `${i}.norm2`), `${i}.up`), { approximate: false });
      x = x.add(linear(hidden, `${i}.down`));
    }
    const logits = linear(norm(x.reshape([batchSize, tokens, width]).mean(1), "norm"), "head");
    return nn.logSoftmax(logits, -1).mul(labels).sum(-1).mean().mul(-1);
  };
  return { loss, weights, batch };
}

function convolutions(): { loss: Loss; weights: Weights; batch: np.Array[] } {
  const { batchSize, channels, imageSize } = convolutionShapes[size];
  const shape = [batchSize, channels, imageSize, imageSize];
  const weight = (): np.Array => array(uniformTensor([channels, channels, 3, 3])).mul(1 / (3 * Math.sqrt(channels)));
  const loss: Loss = ({ first, second }, images, targets) => {
    const hidden = nn.relu(lax.conv(images, first!, [1, 1], "SAME"));
    const difference = lax.conv(hidden, second!, [1, 1], "SAME").sub(targets);
    return np.square(difference).mean();
  };
  const batch = [array(uniformTensor(shape)), array(uniformTensor(shape))];
  return { loss, weights: { first: weight(), second: weight() }, batch };
}

if (!(await init("wasm")).includes("wasm")) throw new Error("the wasm backend of jax-js does not start");
defaultDevice("wasm");
const { loss, weights, batch } = workload === "encoder" ? encoder() : convolutions();
const { learningRate, beta1, beta2, epsilon: adamEpsilon } = adamSettings;
const update = jit(
  (state: { weights: Weights; first: Weights; second: Weights }, scale: np.Array, ...inputs: np.Array[]) => {
    const [value, gradient] = valueAndGrad(loss)(tree.ref(state.weights), ...inputs);
    const next = { weights: {} as Weights, first: {} as Weights, second: {} as Weights };
    for (const name of Object.keys(state.weights)) {
      const slope = gradient[name]!;
      const first = state.first[name]!.mul(beta1).add(slope.ref.mul(1 - beta1));
      const second = state.second[name]!.mul(beta2).add(np.square(slope).mul(1 - beta2));
      const change = first.ref.div(np.sqrt(second.ref).add(adamEpsilon)).mul(scale.ref);
      next.weights[name] = state.weights[name]!.sub(change);
      next.first[name] = first;
      next.second[name] = second;
    }
    scale.dispose();
    return { value, next };
  },
);

const zerosLike = (from: Weights): Weights =>
  Object.fromEntries(Object.entries(from).map(([name, each]) => [name, np.zeros(each.shape)]));
let state = { weights, first: zerosLike(weights), second: zerosLike(weights) };
const losses: number[] = [];
const run = async (): Promise<void> => {
  const scale = (learningRate * Math.sqrt(1 - beta2 ** (losses.length + 1))) / (1 - beta1 ** (losses.length + 1));
  const { value, next } = update(state, np.array(scale), ...batch.map((each) => each.ref));
  state = await blockUntilReady(next);
  losses.push((await value.data())[0]);
};
const times: number[] = [];
await timeRuns(run, steps, times, peerSeconds);
const path = createRequire(import.meta.url)
  .resolve("@jax-js/jax")
  .replace(/dist\/[^/]+$/, "package.json");
const { version } = z.object({ version: z.string() }).parse(createRequire(import.meta.url)(path));
answer(peerAnswerSchema, { version, steps: times, losses: [losses[0]!, losses.at(-1)!] });
