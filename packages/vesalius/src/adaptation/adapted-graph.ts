import type { Graph } from "../graph/index.ts";
import type { LayerLeft } from "./layers-left.ts";

/** A graph that an adapter was put on. */
export interface AdaptedGraph {
  readonly graph: Graph;
  /** Names of the parameters to train: those that the adapter added, and those of the base that belong to it (biases). */
  readonly parameters: readonly string[];
  /**
   * Computes how added parameters start where that depends on the base's weights: reads weights by their names, has an
   * output `${name}.start` for each such parameter.
   */
  readonly start?: Graph;
  /**
   * Computes the base's weights with the adapter in them: reads weights and added parameters by their names, has an
   * output `${name}.merged` for each changed weight. Undefined for adapters that cannot become part of the weights.
   */
  readonly merge?: Graph;
  /**
   * Computes parameters of the same adapter without the perceptron that was only there for training (`projectionWidth`
   * of prefix and prompt tuning): an output `${name}.settled` for each that remains.
   */
  readonly settle?: Graph;
  /** Layers that the targets mean too and that the adapter cannot go on, with the reasons. */
  readonly left?: readonly LayerLeft[];
  /** What is allowed and worth a thought, such as a rank above the size of a layer. */
  readonly cautions?: readonly string[];
  /** What PEFT's `adapter_config.json` states of the base beside the settings. */
  readonly peft?: Readonly<Record<string, unknown>>;
}

/** Names of the parameters that a rewrite added to a graph. */
export const addedParameters = (before: Graph, after: Graph): string[] =>
  [...after.parameters.keys()].filter((name) => !before.parameters.has(name));
