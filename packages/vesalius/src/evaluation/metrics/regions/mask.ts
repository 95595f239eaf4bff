import { VesaliusError } from "../../../common/errors.ts";

/** A region of an image or a volume. */
export interface Mask {
  /** `[...shape]` row-major; a voxel belongs to the region where it equals `label`, or is not 0 without one. */
  readonly data: ArrayLike<number>;
  /** Extents, one to three of them. */
  readonly shape: readonly number[];
  /** Distance between neighbouring voxels along each axis, in millimetres; 1 when left out. */
  readonly spacing?: readonly number[];
  /** Which value of a label map is meant; every value but 0 when left out. */
  readonly label?: number;
}

/** Throws unless a mask has as many voxels as its shape says and a distance above 0 for each axis. */
export function requireMask({ data, shape, spacing }: Mask, what: string): void {
  const fail = (problem: string, fix: string): never => {
    throw new VesaliusError("shape-mismatch", problem, { where: what, fix });
  };
  if (shape.length < 1 || shape.length > 3 || shape.some((extent) => !Number.isInteger(extent) || extent < 1)) {
    fail(`[${shape.join(", ")}] is no shape of an image or a volume`, "give one to three extents above 0");
  }
  if (data.length !== shape.reduce((product, extent) => product * extent, 1)) {
    fail(`${data.length} voxels do not fill the shape [${shape.join(", ")}]`, "pass one value per voxel, row-major");
  }
  if (spacing !== undefined && (spacing.length !== shape.length || spacing.some((mm) => !(mm > 0 && mm < Infinity)))) {
    fail(`[${spacing.join(", ")}] is no spacing for ${shape.length} axes`, "give one distance above 0 for each axis");
  }
}

/** Throws unless both masks are sound and lie on the same grid. */
export function requireSameGrid(prediction: Mask, reference: Mask): void {
  requireMask(prediction, "prediction");
  requireMask(reference, "reference");
  const grid = ({ shape, spacing }: Mask) => [...shape, ...(spacing ?? shape.map(() => 1))];
  const [a, b] = [grid(prediction), grid(reference)];
  // Spacings from file headers are float32, so the last digits may differ.
  if (a.length !== b.length || a.some((value, i) => Math.abs(value - b[i]!) > 1e-4 * b[i]!)) {
    const written = ({ shape, spacing }: Mask) => `[${shape.join(", ")}] at ${(spacing ?? [1]).join(" x ")} mm`;
    throw new VesaliusError(
      "shape-mismatch",
      `the prediction has ${written(prediction)}, the reference ${written(reference)}`,
      { where: "prediction", fix: "bring the prediction back to the grid of the reference before comparing them" },
    );
  }
}

/** `[voxels]` 1 where the region is. */
export function foreground({ data, label }: Mask): Uint8Array {
  const inside = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) inside[i] = (label === undefined ? data[i] !== 0 : data[i] === label) ? 1 : 0;
  return inside;
}
