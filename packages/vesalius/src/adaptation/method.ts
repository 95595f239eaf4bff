import type { Value } from "../graph/index.ts";
import type { Network } from "../models/index.ts";
import type { ParameterPolicy } from "../training/index.ts";
import type { AdapterConfig } from "./adapter.ts";
import type { PreparedBackbone } from "./prompts/room-for-prompts.ts";

/** Defaults of a method that a caller may override. */
export interface MethodDefaults {
  readonly learningRate: number;
  readonly epochs: number;
  readonly batchSize: number;
  readonly weightDecay: number;
}

/** One way to adapt a backbone to a task. */
export interface AdaptationMethod {
  readonly name: string;
  /** Settings as they are recorded. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly defaults: MethodDefaults;
  /** Whether the pretrained weights are used. */
  readonly pretrained: boolean;
  /** Train the head on features that are computed once, instead of running the backbone at every step. */
  readonly frozenFeatures?: boolean;
  /** What is put on the graph. Its parameters are always trained, and merged into the base where they can be. */
  readonly adapter?: AdapterConfig;
  /** What it changes of how examples are read, where it does. */
  prepare?<Given extends PreparedBackbone>(backbone: Given): Given;
  /** Patterns of the parameters that it trains, where a caller named some; one that matches none is refused. */
  readonly patterns?: readonly string[];
  /** How a parameter of the base is trained; undefined freezes it. Parameters of the head are always trained. */
  policy(parameter: Value, network: Pick<Network, "layers" | "layerOf">): ParameterPolicy | undefined;
  readonly answering?: undefined;
}
