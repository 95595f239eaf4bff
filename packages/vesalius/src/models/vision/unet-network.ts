import type { Value } from "../../graph/index.ts";
import { checkImageEncoder, imageEncoder, imageRole, imagesOf, type ImageShape, mapToPlaces } from "../image-roles.ts";
import type { Mode, Network, Outputs } from "../network.ts";
import type { UnetStates } from "./basic-unet.ts";
import { pooledChannels } from "./resnet.ts";

/** What makes a network of a U-Net. */
export interface UnetParts extends Pick<Network, "name" | "config" | "layers" | "layerOf" | "mayDiffer"> {
  readonly toFile: NonNullable<Network["toFile"]>;
  readonly shape: ImageShape;
  states(images: Value, mode: Mode): UnetStates;
  /** Segmentation layers on the decoder's features, fine to coarse. */
  masks(decoder: readonly Value[], classes: number, mode: Mode): readonly Value[];
}

/**
 * A U-Net as a network: the mean of its coarsest features is `pooled` and these are its `places`, the decoder's features
 * are the `pyramid`. The head `masks` gives `logits` at full resolution, and `logits1`, `logits2`, ... at coarser ones
 * where the network is trained with deep supervision.
 */
export function unetNetwork(parts: UnetParts): Network {
  const { name, config, layers, shape } = parts;
  const network: Network = {
    name,
    config,
    layers,
    layerOf: (parameter) => parts.layerOf(parameter),
    mayDiffer: (parameter) => parts.mayDiffer?.(parameter),
    toFile: (preparation) => parts.toFile(preparation),
    reads: { [imageRole]: imageEncoder(shape) },
    fitted(preparation) {
      checkImageEncoder(preparation, shape);
      return network;
    },
    features(inputs, mode) {
      const { encoder, decoder } = parts.states(imagesOf(inputs), mode);
      const coarsest = encoder.at(-1)!;
      return { pooled: pooledChannels(coarsest), places: mapToPlaces(coarsest), pyramid: decoder };
    },
    heads: {
      masks: ({ pyramid }, outputs, mode): Outputs =>
        Object.fromEntries(
          parts.masks(pyramid!, outputs, mode).map((value, i) => [i === 0 ? "logits" : `logits${i}`, value]),
        ),
    },
  };
  return network;
}

/** Whether a MONAI bundle's `network_def` names a class: `monai.networks.nets.BasicUNet` or `BasicUNet`. */
export const isMonaiClass = (json: Readonly<Record<string, unknown>>, name: string): boolean =>
  typeof json["_target_"] === "string" && json["_target_"].split(".").at(-1) === name;
