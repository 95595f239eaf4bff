import { CholeskyDecomposition, Matrix } from "ml-matrix";
import { columnOf, type Split } from "vesalius/data";

/** A linear classifier on standardised pixels. */
export interface RidgeFloor {
  /** Penalty chosen on validation. */
  readonly penalty: number;
  /** Area under the ROC curve. */
  readonly validationAuc: number;
  readonly testAuc: number;
}

/** What a floor is computed from: three splits with a column `image` in memory and a column `label` of two classes, and the metric. */
export interface FloorInput {
  readonly train: Split;
  readonly validation: Split;
  readonly test: Split;
  readonly rocAuc: (labels: ArrayLike<number>, scores: ArrayLike<number>) => number;
}

/** Pixels as a matrix `[images, channels * height * width]`. */
export function pixelMatrix(split: Split): Matrix {
  const { storage, length } = columnOf(split, "image", "images");
  if (storage.kind !== "memory") throw new TypeError(`the floor needs the ${split.name} images in memory`);
  const { pixels } = storage;
  const width = pixels.length / length;
  return new Matrix(Array.from({ length }, (_, i) => Array.from(pixels.subarray(i * width, (i + 1) * width))));
}

/** Class index of each image. */
export const labelsOf = (split: Split): Int32Array => columnOf(split, "label", "classes").values;

/**
 * Ridge regression of the label on standardised pixels, fitted for each penalty; the one with the best validation AUC
 * is looked at on test. Whatever a network learns beyond this it owes to more than a weighted sum of pixels.
 */
export function ridgeFloor(input: FloorInput, penalties: readonly number[]): RidgeFloor {
  const pixels = pixelMatrix(input.train);
  const mean = pixels.mean("column");
  // A border pixel can be constant; 1 keeps it at zero after centring.
  const deviation = pixels.standardDeviation("column", { mean, unbiased: false }).map((value) => value || 1);
  const standardised = (matrix: Matrix): Matrix => matrix.subRowVector(mean).divRowVector(deviation);
  const train = standardised(pixels);
  const validation = standardised(pixelMatrix(input.validation));
  const test = standardised(pixelMatrix(input.test));
  const labels = Matrix.columnVector(Array.from(labelsOf(input.train)));
  const transposed = train.transpose();
  const gram = transposed.mmul(train);
  const moments = transposed.mmul(labels.sub(labels.mean()));
  const fits = penalties.map((penalty) => {
    const system = gram.clone().add(Matrix.identity(gram.rows).mul(penalty));
    const weights = new CholeskyDecomposition(system).solve(moments);
    const validationAuc = input.rocAuc(labelsOf(input.validation), validation.mmul(weights).to1DArray());
    return { penalty, weights, validationAuc };
  });
  const best = fits.reduce((a, b) => (b.validationAuc > a.validationAuc ? b : a));
  const testAuc = input.rocAuc(labelsOf(input.test), test.mmul(best.weights).to1DArray());
  return { penalty: best.penalty, validationAuc: best.validationAuc, testAuc };
}

/** AUC of the mean grey level alone, whichever way round it is. */
export function meanIntensityAuc(split: Split, rocAuc: FloorInput["rocAuc"]): number {
  const auc = rocAuc(labelsOf(split), pixelMatrix(split).mean("row"));
  return Math.max(auc, 1 - auc);
}
