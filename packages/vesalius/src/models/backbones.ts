import type { Catalogue, Spec } from "../common/catalogue.ts";
import { architectures as builtIn } from "./architectures.ts";
import { type BackboneOptions, backbonesOf, withPreset } from "./make-backbone.ts";
import type { ArchitectureEntry, Backbone } from "./network.ts";
import { vitArchitecture } from "./vision/vit-architecture.ts";

/**
 * Vision transformers without weights: `vit({ width: 96, depth: 6, heads: 3 })`, or a size by name. Other networks are
 * made by their names with `createBackbone`.
 *
 * @throws VesaliusError `bad-configuration` for settings that do not work
 *
 * @example
 * const backbone = vit.tiny({ imageSize: 28, patchSize: 4 });
 */
export const vit = backbonesOf(vitArchitecture);

/**
 * A backbone without weights from plain data, as recipes hold it: `{ name: "bert", preset: "micro", depth: 3 }`.
 *
 * @param architectures where the name is looked up; the library's own by default
 * @throws VesaliusError `bad-configuration` for names that do not exist or settings that do not work
 *
 * @example
 * const backbone = createBackbone({ name: "bert", preset: "micro" }, { columns: { text: ["report"] } });
 */
export const createBackbone = (
  spec: Spec,
  options: BackboneOptions = {},
  architectures: Pick<Catalogue<ArchitectureEntry>, "entry" | "create"> = builtIn,
): Backbone => ({
  network: architectures.create(withPreset(architectures, spec)),
  weights: undefined,
  preparation: undefined,
  ...options,
});
