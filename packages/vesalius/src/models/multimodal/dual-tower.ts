import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { abs, concat, exp, l2Normalize, minimum, multiply, subtract, type Value } from "../../graph/index.ts";
import { linearLayer } from "../layers/linear.ts";
import { architectureEntry, type Features, type Network } from "../network.ts";
import { suggestDualTower } from "../suggestions/dual-tower.ts";
import {
  type Architectures,
  fittedTowers,
  makeTowers,
  specsOf,
  type Tower,
  towerFeatures,
  towerParts,
  towersSchema,
} from "./towers.ts";

/** Largest factor on the similarities, as in CLIP. */
const largestScale = 100;

/** Settings of a dual tower. */
const settingsSchema = (architectures: Architectures) =>
  z.strictObject({
    /** The two towers by role: `image` and `text`, `query` and `document`. */
    towers: towersSchema(architectures).refine((towers) => Object.keys(towers).length === 2, "are not two"),
    /** Width of the space that both towers share. */
    width: z.int().positive().default(256),
    /**
     * What stands for a pair: both vectors, or also their difference (as absolute values) and product, which tell inference
     * and paraphrase from vectors that never met (Conneau et al. 2017, InferSent; Reimers and Gurevych 2019).
     */
    joined: z.enum(["both", "compared"]).default("both"),
    /** Temperature that similarities start with. */
    temperature: z.number().positive().default(0.07),
  });

/** Settings of a dual tower. */
export type DualTowerSettings = z.output<ReturnType<typeof settingsSchema>>;

/** The projection of a tower's vector to the shared space, and whatever else the tower gives. */
function embed(tower: Tower, features: Features, width: number): Features {
  const { graph } = features.pooled;
  const name = `${tower.weights}_projection`;
  const projected = linearLayer(features.pooled, name, width, { bias: false, initializer: { kind: "xavierUniform" } });
  return graph.scope(name, () => ({
    ...features,
    pooled: l2Normalize(projected),
    also: { ...features.also, unprojected: features.pooled },
  }));
}

/** One vector for a pair. */
function joinPair(first: Value, second: Value, joined: DualTowerSettings["joined"]): Value {
  if (joined === "both") return concat([first, second], 1);
  return concat([first, second, abs(subtract(first, second)), multiply(first, second)], 1);
}

function dualTowerNetwork(settings: DualTowerSettings, towers: readonly Tower[]): Network {
  const isOwn = (parameter: string): boolean => /^(\w+_projection\.|logit_scale$)/.test(parameter);
  const parts = towerParts(towers, { layers: 0, layerOf: () => 1, isOwn });
  const network: Network = {
    ...parts,
    name: "dualTower",
    config: { ...settings, towers: specsOf(towers) },
    fitted: (preparation) => dualTowerNetwork(settings, fittedTowers(towers, preparation)),
    features(inputs, mode) {
      const found: Record<string, Features> = {};
      for (const tower of towers) {
        const first = Object.values(inputs[tower.role] ?? {})[0];
        if (first === undefined) continue;
        found[tower.role] = embed(tower, towerFeatures(first.graph, tower, inputs, mode), settings.width);
      }
      const pooled = Object.values(found).map((features) => features.pooled);
      if (pooled.length === 0)
        throw new VesaliusError("bad-argument", `none of ${towers.map(({ role }) => role).join(", ")} is given`);
      const { graph } = pooled[0]!;
      const scale = graph.parameter("logit_scale", [], { kind: "constant", value: Math.log(1 / settings.temperature) });
      const isPair = pooled.length === 2 && pooled[0]!.shape[0] === pooled[1]!.shape[0];
      return {
        pooled: isPair ? joinPair(pooled[0]!, pooled[1]!, settings.joined) : pooled[0]!,
        towers: found,
        also: { scale: minimum(exp(scale), largestScale) },
      };
    },
  };
  return network;
}

/** Two towers in the catalogue of architectures. */
export const dualTowerArchitecture = (architectures: Architectures) =>
  architectureEntry({
    name: "dualTower",
    summary:
      "Two networks whose vectors meet in one space, for contrast and retrieval; one set of weights for both with sameAs",
    paper: "Radford et al. 2021, Learning Transferable Visual Models From Natural Language Supervision",
    settings: settingsSchema(architectures),
    roles: { "(as named)": "whatever the two towers read" },
    presets: {
      nano: { width: 8 },
      micro: { width: 64 },
      base: {},
    },
    suggest: (facts) => suggestDualTower(facts, architectures().entries),
    create: (settings) => dualTowerNetwork(settings, makeTowers(architectures, settings.towers)),
  });
