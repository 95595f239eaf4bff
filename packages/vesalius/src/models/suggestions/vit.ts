import type { NetworkSuggestion, RoleFacts } from "../network.ts";

/** Largest side that a small transformer is given: more patches cost more than they show. */
const largestSide = 112;
/** Patches along a side: as many as let a small transformer train in minutes. */
const patchesAlong = 8;

/** A small vision transformer for images of a size. */
export function suggestVit({ image }: Readonly<Record<string, RoleFacts>>): NetworkSuggestion | undefined {
  if (image?.kind !== "images") return undefined;
  const [height, width] = [Number(image["height"]), Number(image["width"])];
  const side = Math.min(largestSide, height, width);
  const patchSize = Math.max(2, Math.round(side / patchesAlong));
  const imageSize = patchSize * Math.max(2, Math.round(side / patchSize));
  const channels = Number(image["channels"]) >= 3 ? 3 : 1;
  const preset = image.examples > 20_000 ? "tiny" : "micro";
  return {
    preset,
    settings: { imageSize, patchSize, channels, positions: "sineCosine" },
    reasons: {
      preset: `${image.examples} images ${preset === "micro" ? "are too few for more" : "can teach more than the smallest size"}`,
      imageSize: `half of the images are ${height} x ${width} or smaller`,
      patchSize: `${imageSize / patchSize} x ${imageSize / patchSize} patches`,
    },
  };
}
