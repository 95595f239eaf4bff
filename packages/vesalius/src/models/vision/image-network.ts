import type { Value } from "../../graph/index.ts";
import { checkImageEncoder, imageEncoder, imageRole, imagesOf, type ImageShape } from "../image-roles.ts";
import type { Features, HiddenPlaces, Mode, Network } from "../network.ts";

/** What makes a network of a function over images. */
export interface ImageNetworkParts extends Pick<
  Network,
  "name" | "config" | "layers" | "layerOf" | "heads" | "mayDiffer" | "toFile"
> {
  readonly shape: ImageShape;
  readonly build: (images: Value, mode: Mode, hidden: HiddenPlaces) => Features;
  /** What of its places it can hide. */
  readonly hides?: readonly (keyof HiddenPlaces)[];
  /** How its places lie. */
  readonly grid?: readonly number[];
}

/** A function over images or volumes as a network with the role `image`. */
export function imageNetwork(parts: ImageNetworkParts): Network {
  const { shape, build, hides, grid, ...rest } = parts;
  const network: Network = {
    ...rest,
    reads: { [imageRole]: imageEncoder(shape) },
    fitted(preparation) {
      checkImageEncoder(preparation, shape);
      return network;
    },
    features: (inputs, mode) => build(imagesOf(inputs), mode, mode.hidden?.[imageRole] ?? {}),
    ...(hides === undefined ? {} : { hides: { [imageRole]: hides } }),
    ...(grid === undefined ? {} : { grid: () => grid }),
  };
  return network;
}
