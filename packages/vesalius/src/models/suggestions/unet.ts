import type { NetworkSuggestion, RoleFacts } from "../network.ts";

/** Voxels of a patch that a small U-Net trains on in about a second on two cores. */
const mostVoxels = 100_000;
const mostPixels = 160 * 160;

/** Extents rounded up to multiples, cut along the longest axis until they hold no more values than allowed. */
export function patchWithin(extents: readonly number[], multiple: number, most: number): number[] {
  const patch = extents.map((extent) => Math.max(multiple, Math.ceil(extent / multiple) * multiple));
  const values = (): number => patch.reduce((product, extent) => product * extent, 1);
  while (values() > most && patch.some((extent) => extent > multiple)) {
    const longest = patch.indexOf(Math.max(...patch));
    patch[longest]! -= multiple;
  }
  return patch;
}

/** A small U-Net for images or volumes: as nnU-Net plans it, a patch as large as the time allows around the usual extents. */
export function suggestUnet({ image }: Readonly<Record<string, RoleFacts>>): NetworkSuggestion | undefined {
  if (image === undefined) return undefined;
  const channels = Number(image["channels"]);
  if (image.kind === "volumes") {
    const extents = image["extents"] as readonly number[];
    const patch = patchWithin(extents, 8, mostVoxels);
    return {
      preset: "small",
      settings: { spatial: 3, channels, patch },
      reasons: { patch: `half of the volumes have at most ${extents.join(" x ")} voxels; the strides make 8` },
    };
  }
  if (image.kind !== "images") return undefined;
  const extents = [Number(image["height"]), Number(image["width"])];
  return {
    preset: "small",
    settings: { spatial: 2, channels: channels >= 3 ? 3 : 1, patch: patchWithin(extents, 8, mostPixels) },
    reasons: { patch: `half of the images are ${extents.join(" x ")} or smaller; the strides make 8` },
  };
}
