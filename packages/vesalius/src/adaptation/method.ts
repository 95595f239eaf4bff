import type { Graph, Value } from "../graph/index.ts";
import type { Backbone } from "../models/index.ts";
import type { ParameterPolicy } from "../training/index.ts";
import type { LoraConfig, LoraGraph } from "./fine-tuning/lora.ts";

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
  /** Adds adapters to the graph. */
  readonly adapters?: { readonly config: LoraConfig; apply(graph: Graph): LoraGraph };
  /** How a parameter is trained; undefined freezes it. Parameters of the head are always trained. */
  policy(parameter: Value, backbone: Backbone): ParameterPolicy | undefined;
}
