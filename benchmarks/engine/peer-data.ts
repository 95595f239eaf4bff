import { uniform } from "../measuring/timing.ts";
import { type EncoderShape, mlpRatio } from "./shapes.ts";

/** After so many seconds another library starts no further step: some take half a minute. */
export const peerSeconds = 60;

/** A tensor to be handed to another library. */
export interface PlainTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Starting weights of the encoder by name, linear layers as `[inputs, outputs]`. */
export function encoderWeights({
  imageSize,
  patchSize,
  width,
  depth,
  classes,
}: EncoderShape): Map<string, PlainTensor> {
  const weights = new Map<string, PlainTensor>();
  const put = (name: string, shape: readonly number[], data: Float32Array): void =>
    void weights.set(name, { shape, data });
  const linear = (name: string, inputs: number, outputs: number): void => {
    put(
      `${name}.weight`,
      [inputs, outputs],
      uniform(inputs * outputs).map((value) => value / Math.sqrt(inputs)),
    );
    put(`${name}.bias`, [outputs], new Float32Array(outputs));
  };
  const norm = (name: string): void => {
    put(`${name}.weight`, [width], new Float32Array(width).fill(1));
    put(`${name}.bias`, [width], new Float32Array(width));
  };
  const tokens = (imageSize / patchSize) ** 2;
  linear("patches", patchSize ** 2, width);
  put(
    "positions",
    [1, tokens, width],
    uniform(tokens * width).map((value) => value / 50),
  );
  for (let i = 0; i < depth; i++) {
    norm(`${i}.norm1`);
    linear(`${i}.qkv`, width, 3 * width);
    linear(`${i}.projection`, width, width);
    norm(`${i}.norm2`);
    linear(`${i}.up`, width, mlpRatio * width);
    linear(`${i}.down`, mlpRatio * width, width);
  }
  norm("norm");
  linear("head", width, classes);
  return weights;
}

/** Labels of a batch as a table of ones and zeros, `[batchSize, classes]`. */
export const labelTable = ({ batchSize, classes }: EncoderShape): PlainTensor => ({
  shape: [batchSize, classes],
  data: Float32Array.from({ length: batchSize * classes }, (_, i) =>
    i % classes === Math.floor(i / classes) % classes ? 1 : 0,
  ),
});

/** Random numbers of a shape. */
export const uniformTensor = (shape: readonly number[]): PlainTensor => ({
  shape,
  data: uniform(shape.reduce((product, extent) => product * extent, 1)),
});
