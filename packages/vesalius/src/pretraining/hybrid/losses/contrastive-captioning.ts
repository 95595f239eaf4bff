import { add, crossEntropy, multiply, reshape, type Value } from "../../../graph/index.ts";
import { imageTextLoss } from "../../contrastive/losses/image-text.ts";

/** Options of `contrastiveCaptioningLoss`. */
export interface ContrastiveCaptioningOptions {
  /** 1 by default. */
  readonly contrastiveWeight?: number;
  /** 2 by default. */
  readonly captionWeight?: number;
  /** Token number of the padding; 0 by default. */
  readonly paddingToken?: number;
}

/** The weighted parts of CoCa's loss, and their sum; each a scalar. */
export interface ContrastiveCaptioning {
  readonly contrastive: Value;
  readonly caption: Value;
  readonly loss: Value;
}

/**
 * Loss of contrastive captioners (Yu et al. 2022), as open_clip's `CoCaLoss`: image and text find each other, and the
 * image tells the text.
 *
 * @param image normalised features `[batch, width]`
 * @param text normalised features `[batch, width]`
 * @param scale what cosines are multiplied by, scalar
 * @param logits of the caption's tokens, `[batch, length, vocabulary]`
 * @param labels the token that each place shall predict, `[batch, length]`, int32
 */
export function contrastiveCaptioningLoss(
  image: Value,
  text: Value,
  scale: Value,
  logits: Value,
  labels: Value,
  options: ContrastiveCaptioningOptions = {},
): ContrastiveCaptioning {
  const { contrastiveWeight = 1, captionWeight = 2, paddingToken = 0 } = options;
  const [batch, length, vocabulary] = logits.shape as [number, number, number];
  const rows = batch * length;
  const caption = multiply(
    crossEntropy(reshape(logits, [rows, vocabulary]), reshape(labels, [rows]), { ignoreIndex: paddingToken }),
    captionWeight,
  );
  const contrastive = multiply(imageTextLoss(image, text, scale), contrastiveWeight);
  return { contrastive, caption, loss: add(contrastive, caption) };
}
