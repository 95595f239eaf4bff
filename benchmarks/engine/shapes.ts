/** The encoder that every library trains: a vision transformer without class token, pooled by the mean. */
export interface EncoderShape {
  readonly batchSize: number;
  /** Height and width of the images of one channel, in pixels. */
  readonly imageSize: number;
  readonly patchSize: number;
  readonly width: number;
  readonly depth: number;
  readonly heads: number;
  readonly classes: number;
}

/** The network of two 3x3 convolutions that every library trains. */
export interface ConvolutionShape {
  readonly batchSize: number;
  /** Channels of the input, between the layers and of the result. */
  readonly channels: number;
  /** Height and width in pixels. */
  readonly imageSize: number;
}

export const encoderShapes = {
  full: { batchSize: 16, imageSize: 48, patchSize: 4, width: 256, depth: 4, heads: 4, classes: 10 },
  quick: { batchSize: 2, imageSize: 8, patchSize: 4, width: 16, depth: 2, heads: 2, classes: 3 },
} as const satisfies Record<string, EncoderShape>;

export const convolutionShapes = {
  full: { batchSize: 4, channels: 64, imageSize: 64 },
  quick: { batchSize: 1, channels: 4, imageSize: 8 },
} as const satisfies Record<string, ConvolutionShape>;

/** Hidden width of the perceptrons of the encoder divided by its width. */
export const mlpRatio = 4;
/** Epsilon of the normalizations of the encoder. */
export const epsilon = 1e-6;
/** Settings of Adam in every library. */
export const adamSettings = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;
