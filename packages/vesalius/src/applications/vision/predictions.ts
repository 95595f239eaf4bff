import { formatCsv } from "../../common/csv.ts";

/** What a model says of one image. */
export interface ImagePrediction {
  /** Identifier of the image. */
  readonly image: string;
  /** The most probable class. */
  readonly predictedClass: string;
  /** Probability of each class, by name. */
  readonly probabilities: Readonly<Record<string, number>>;
  /** The class that the data state, where they do. */
  readonly trueClass?: string;
}

/**
 * Names the answers of a classifier.
 *
 * @param images identifiers and, where they are known, the labels of the images
 * @param classNames class names; the position is the class index
 * @param probabilities `[images, classes]`
 */
export function describePredictions(
  images: { readonly ids: readonly string[]; readonly labels?: Int32Array | undefined },
  classNames: readonly string[],
  probabilities: Float32Array,
): ImagePrediction[] {
  return images.ids.map((image, row) => {
    const ofImage = probabilities.subarray(row * classNames.length, (row + 1) * classNames.length);
    const trueClass = classNames[images.labels?.[row] ?? -1];
    return {
      image,
      predictedClass: classNames[ofImage.indexOf(Math.max(...ofImage))]!,
      probabilities: Object.fromEntries(classNames.map((name, i) => [name, ofImage[i]!])),
      ...(trueClass === undefined ? {} : { trueClass }),
    };
  });
}

/** Answers as comma-separated values: image, true class where it is known, predicted class, probability of each class. */
export function predictionsCsv(predictions: readonly ImagePrediction[], classNames: readonly string[]): string {
  const known = predictions.some(({ trueClass }) => trueClass !== undefined);
  return formatCsv([
    ["image", ...(known ? ["trueClass"] : []), "predictedClass", ...classNames],
    ...predictions.map(({ image, trueClass = "", predictedClass, probabilities }) => [
      image,
      ...(known ? [trueClass] : []),
      predictedClass,
      ...classNames.map((name) => probabilities[name]!),
    ]),
  ]);
}
