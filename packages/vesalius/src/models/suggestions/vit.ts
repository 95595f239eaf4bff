import { asImageSize } from "../image-roles.ts";
import type { NetworkSuggestion, RoleFacts } from "../network.ts";

/** Largest shorter side that a small transformer is given: more patches cost more than they show. */
const largestSide = 112;
/** Patches along the shorter side: as many as let a small transformer train in minutes. */
const patchesAlong = 8;

/** Most that one side is longer than the other; images that are longer still are squeezed. */
const longestRatio = 2;

/** A small vision transformer for images of a size, as high and wide as they are to a patch. */
export function suggestVit({ image }: Readonly<Record<string, RoleFacts>>): NetworkSuggestion | undefined {
  if (image?.kind !== "images") return undefined;
  const [height, width] = [Number(image["height"]), Number(image["width"])];
  const shorter = Math.min(height, width);
  const side = Math.min(largestSide, shorter);
  const patchSize = Math.max(2, Math.round(side / patchesAlong));
  const patchesOf = (extent: number): number =>
    Math.max(2, Math.round((side * Math.min(longestRatio, extent / shorter)) / patchSize));
  const [rows, columns] = [patchesOf(height), patchesOf(width)];
  const channels = Number(image["channels"]) >= 3 ? 3 : 1;
  const preset = image.examples > 20_000 ? "tiny" : "micro";
  return {
    preset,
    settings: {
      imageSize: asImageSize([rows * patchSize, columns * patchSize]),
      patchSize,
      channels,
      positions: "sineCosine",
    },
    reasons: {
      preset: `${image.examples} images ${preset === "micro" ? "are too few for more" : "can teach more than the smallest size"}`,
      imageSize: `half of the images are ${height} pixels high and ${width} wide or smaller`,
      patchSize: `${rows} x ${columns} patches`,
    },
  };
}
