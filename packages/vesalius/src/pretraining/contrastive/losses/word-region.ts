import {
  cast,
  divide,
  less,
  log,
  matMul,
  maximum,
  multiply,
  reduceLogSumExp,
  reduceSum,
  reduceSumSquare,
  reshape,
  softmax,
  sqrt,
  subtract,
  transpose,
  type Value,
} from "../../../graph/index.ts";
import { type ClipSimilarity } from "../../../models/index.ts";
import { onlyWhere } from "./similarities.ts";

/** Keeps cosines of zero vectors finite, as in the original. */
const epsilon = 1e-8;

const norm = (x: Value): Value => sqrt(reduceSumSquare(x, [-1]));

/** Options of `wordRegionSimilarity`; the defaults are those of GLoRIA. */
export interface WordRegionOptions {
  /** Sharpness of the attention over regions; 4 by default. */
  readonly attentionScale?: number;
  /** Sharpness of the sum over words; 5 by default. */
  readonly wordScale?: number;
  /** What similarities are multiplied by; 10 by default. */
  readonly similarityScale?: number;
  /** Whether longer texts have higher similarities; `sum` by default. */
  readonly aggregation?: "sum" | "mean";
}

/** Similarities, and where each word of each text looks in each image. */
export interface WordRegionSimilarity extends ClipSimilarity {
  /** `[images, texts, words, rows, columns]`; without meaning for padding. */
  readonly attention: Value;
}

/**
 * Local similarity of GLoRIA (Huang et al. 2021): each word attends to the regions of the image, and the text is as
 * similar as its words to what they found. `clipLoss` makes the loss of it; the original adds both directions.
 *
 * @param regions `[images, width, rows, columns]`
 * @param words `[texts, width, words]`
 * @param lengths words of each text that are no padding, int32 `[texts]`, at least 1
 */
export function wordRegionSimilarity(
  regions: Value,
  words: Value,
  lengths: Value,
  options: WordRegionOptions = {},
): WordRegionSimilarity {
  const { attentionScale = 4, wordScale = 5, similarityScale = 10, aggregation = "sum" } = options;
  const { graph } = regions;
  const [images, width, rows, columns] = regions.shape as [number, number, number, number];
  const [texts, , count] = words.shape as [number, number, number];
  const numbers = Int32Array.from({ length: count }, (_, i) => i);
  const range = graph.constant({ dtype: "int32", shape: [1, count], data: numbers });
  const isWord = cast(less(range, reshape(lengths, [texts, 1])), "float32");
  const context = transpose(reshape(regions, [images, 1, width, rows * columns]), [0, 1, 3, 2]);
  const scores = matMul(context, reshape(words, [1, texts, width, count]));
  const overWords = softmax(onlyWhere(scores, reshape(isWord, [1, texts, 1, count])));
  const attention = softmax(multiply(transpose(overWords, [0, 1, 3, 2]), attentionScale));
  const found = matMul(attention, context);
  const said = transpose(reshape(words, [1, texts, width, count]), [0, 1, 3, 2]);
  const agreement = reduceSum(multiply(found, said), [-1]);
  const cosine = divide(agreement, maximum(multiply(norm(found), norm(said)), epsilon));
  const perWord = multiply(reshape(cosine, [images, texts, count]), wordScale);
  const perText = reduceLogSumExp(onlyWhere(perWord, reshape(isWord, [1, texts, count])), [2], {
    keepDimensions: false,
  });
  const averaged =
    aggregation === "sum" ? perText : subtract(perText, log(reshape(cast(lengths, "float32"), [1, texts])));
  const logitsPerImage = multiply(averaged, similarityScale);
  return {
    logitsPerImage,
    logitsPerText: transpose(logitsPerImage, [1, 0]),
    attention: reshape(attention, [images, texts, count, rows, columns]),
  };
}

/**
 * Global similarity of GLoRIA: cosine of whole images and whole texts.
 *
 * @param image `[images, width]`
 * @param text `[texts, width]`
 */
export function globalSimilarity(image: Value, text: Value, similarityScale = 10): ClipSimilarity {
  const norms = matMul(norm(image), transpose(norm(text), [1, 0]));
  const cosine = divide(matMul(image, transpose(text, [1, 0])), maximum(norms, epsilon));
  const logitsPerImage = multiply(cosine, similarityScale);
  return { logitsPerImage, logitsPerText: transpose(logitsPerImage, [1, 0]) };
}
