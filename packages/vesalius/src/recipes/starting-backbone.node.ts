import { createDigest } from "#common/digest";
import { loadBackbone } from "../adaptation/index.node.ts";
import { VesaliusError } from "../common/errors.ts";
import { tensorBytes } from "../graph/index.ts";
import type { Backbone } from "../models/index.ts";
import type { Catalogues } from "./catalogues.ts";
import { checkWeightLinks } from "./data/links.node.ts";
import type { DataPlace } from "./data/open-data.node.ts";
import { type BackboneSettings, isLoaded } from "./resolve/backbone.ts";
import { canonicalJson } from "../common/canonical-json.ts";

/**
 * The backbone that a recipe starts from: only a shape, or one with weights from a folder.
 *
 * @param options.followLinks whether the folder may be, or hold, links that lead out of the one in which the recipe is run
 */
export async function startingBackbone(
  settings: BackboneSettings,
  catalogues: Catalogues,
  { followLinks = false }: Pick<DataPlace, "followLinks"> = {},
): Promise<Backbone> {
  const { inputs, encoders, ...rest } = settings;
  const roles = {
    ...(inputs === undefined ? {} : { columns: inputs }),
    ...(encoders === undefined ? {} : { encoders }),
  };
  if (!isLoaded(settings)) {
    const network = catalogues.architectures.create(rest as { readonly name: string });
    return { network, weights: undefined, preparation: undefined, ...roles };
  }
  if (!followLinks) await checkWeightLinks(settings.weights);
  const loaded = await loadBackbone(settings.weights, { architectures: catalogues.architectures });
  for (const role of Object.keys({ ...inputs, ...encoders }))
    if (!(role in loaded.network.reads))
      throw new VesaliusError(
        "bad-configuration",
        `${loaded.network.name} reads ${Object.keys(loaded.network.reads).join(", ")}, and nothing called ${role}`,
        { where: "backbone" },
      );
  const fitted = Object.keys(encoders ?? {}).find((role) => loaded.preparation?.[role] !== undefined);
  if (fitted !== undefined)
    throw new VesaliusError("bad-configuration", `the pretrained backbone brings its own encoder of ${fitted}`, {
      where: `backbone.encoders.${fitted}`,
      fix: "leave the key out",
    });
  const all = { ...loaded.encoders };
  for (const [role, changes] of Object.entries(encoders ?? {})) all[role] = { ...all[role], ...changes };
  return { ...loaded, ...roles, ...(Object.keys(all).length === 0 ? {} : { encoders: all }) };
}

/** Hash of weights and encoders that a run starts from; undefined for a backbone without any. */
export function startDigest({ weights, preparation }: Backbone): string | undefined {
  if (weights === undefined) return undefined;
  const digest = createDigest().update(canonicalJson(preparation));
  for (const [name, tensor] of weights) digest.update(name).update(tensorBytes(tensor));
  return digest.hex();
}
