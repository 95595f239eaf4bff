import * as tf from "@tensorflow/tfjs";
import { setThreadsCount } from "@tensorflow/tfjs-backend-wasm";
import { availableParallelism } from "node:os";
import { answer, askedFor } from "../measuring/child.ts";
import { timeRuns } from "../measuring/timing.ts";
import { peerAnswerSchema, peerQuestionSchema } from "./messages.ts";
import { encoderWeights, labelTable, peerSeconds, type PlainTensor, uniformTensor } from "./peer-data.ts";
import { adamSettings, convolutionShapes, encoderShapes, epsilon } from "./shapes.ts";

const { workload, size, steps } = askedFor(peerQuestionSchema);

const tensor = ({ data, shape }: PlainTensor): tf.Tensor => tf.tensor(data, [...shape]);

function encoderLoss(): () => tf.Scalar {
  const shape = encoderShapes[size];
  const { batchSize, imageSize, patchSize, width, depth, heads } = shape;
  const weights = new Map([...encoderWeights(shape)].map(([name, each]) => [name, tf.variable(tensor(each))]));
  const weight = (name: string): tf.Variable => weights.get(name)!;
  const tokens = (imageSize / patchSize) ** 2;
  const patches = tensor(uniformTensor([batchSize * tokens, patchSize ** 2])) as tf.Tensor2D;
  const labels = tensor(labelTable(shape));
  const linear = (x: tf.Tensor, name: string): tf.Tensor =>
    tf.add(tf.matMul(x, weight(`${name}.weight`)), weight(`${name}.bias`));
  const norm = (x: tf.Tensor, name: string): tf.Tensor => {
    const centred = tf.sub(x, tf.mean(x, -1, true));
    const variance = tf.mean(tf.square(centred), -1, true);
    const normed = tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon)));
    return tf.add(tf.mul(normed, weight(`${name}.weight`)), weight(`${name}.bias`));
  };
  const gelu = (x: tf.Tensor): tf.Tensor => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
  const attention = (x: tf.Tensor, block: number): tf.Tensor => {
    const qkv = tf.reshape(linear(x, `${block}.qkv`), [batchSize, tokens, 3, heads, width / heads]);
    const parts = tf.split(tf.transpose(qkv, [2, 0, 3, 1, 4]), 3, 0);
    const [query, key, value] = parts.map((part) => tf.reshape(part, [batchSize * heads, tokens, width / heads])) as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
    ];
    const scores = tf.softmax(tf.matMul(tf.mul(query, (width / heads) ** -0.5), key, false, true));
    const mixed = tf.reshape(tf.matMul(scores, value), [batchSize, heads, tokens, width / heads]);
    return linear(tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [batchSize * tokens, width]), `${block}.projection`);
  };
  return () => {
    let x = linear(patches, "patches");
    x = tf.reshape(tf.add(tf.reshape(x, [batchSize, tokens, width]), weight("positions")), [batchSize * tokens, width]);
    for (let i = 0; i < depth; i++) {
      x = tf.add(x, attention(norm(x, `${i}.norm1`), i));
      x = tf.add(x, linear(gelu(linear(norm(x, `${i}.norm2`), `${i}.up`)), `${i}.down`));
    }
    const pooled = tf.mean(tf.reshape(x, [batchSize, tokens, width]), 1);
    const logits = linear(norm(pooled, "norm"), "head");
    return tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits), labels), -1)));
  };
}

/** As volumes of depth 1, because the backend has the weight gradient of three-dimensional convolutions only. */
function convolutionLoss(): () => tf.Scalar {
  const { batchSize, channels, imageSize } = convolutionShapes[size];
  const extent = [batchSize, 1, imageSize, imageSize, channels];
  const [images, targets] = [tensor(uniformTensor(extent)) as tf.Tensor5D, tensor(uniformTensor(extent))];
  const weight = (): tf.Tensor5D =>
    tf.variable(tf.div(tensor(uniformTensor([1, 3, 3, channels, channels])), 3 * Math.sqrt(channels))) as tf.Tensor5D;
  const [first, second] = [weight(), weight()];
  return () => {
    const hidden = tf.relu(tf.conv3d(images, first, 1, "same"));
    return tf.mean(tf.squaredDifference(tf.conv3d(hidden, second, 1, "same"), targets));
  };
}

setThreadsCount(availableParallelism());
if (!(await tf.setBackend("wasm"))) throw new Error("the wasm backend of TensorFlow.js does not start");
const loss = workload === "encoder" ? encoderLoss() : convolutionLoss();
const { learningRate, beta1, beta2 } = adamSettings;
const optimizer = tf.train.adam(learningRate, beta1, beta2, adamSettings.epsilon);
const lossNow = (): number => tf.tidy(() => loss().dataSync()[0]!);
const first = lossNow();
const times: number[] = [];
const run = async (): Promise<void> => {
  const value = optimizer.minimize(loss, true)!;
  await value.data();
  value.dispose();
};
await timeRuns(run, steps, times, peerSeconds);
answer(peerAnswerSchema, { version: tf.version.tfjs, steps: times, losses: [first, lossNow()] });
