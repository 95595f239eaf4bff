import { platform } from "#platform";
import {
  type AdaptationRecord,
  type AdapterConfig,
  applyAdapter,
  type TrainedAdapter,
} from "../../adaptation/index.ts";
import type { ImageSplit } from "../../data/index.ts";
import { divide, Graph, softmax, subtract, type Tensors, toOnnx } from "../../graph/index.ts";
import {
  type Backbone,
  backboneFeatures,
  checkFit,
  classificationHead,
  inputShape,
  type Preprocessing,
} from "../../models/index.ts";
import { type Backend, loadGraph, type Session, SessionCache } from "../../runtime/index.ts";
import { classifierFiles } from "./classifier-files.ts";

/** What a classifier consists of. */
export interface ClassifierParts {
  readonly backbone: Backbone & { readonly preprocessing: Preprocessing };
  readonly labels: readonly string[];
  /** Every parameter of backbone and head, adapters merged, and of the adapter that is attached. */
  readonly weights: Tensors;
  /** An adapter that could not be merged and stays in the graph. */
  readonly attached: AdapterConfig | undefined;
  readonly adapter: TrainedAdapter | undefined;
  /** Undefined for a model that was loaded without its history. */
  readonly training: AdaptationRecord | undefined;
}

/** An image classifier: predicts, and saves itself in the files of the field. */
export class ImageClassifier {
  readonly backbone: ClassifierParts["backbone"];
  readonly labels: readonly string[];
  readonly weights: Tensors;
  readonly attached: AdapterConfig | undefined;
  readonly adapter: TrainedAdapter | undefined;
  readonly training: AdaptationRecord | undefined;
  readonly #sessions = new SessionCache();

  constructor(parts: ClassifierParts) {
    this.backbone = parts.backbone;
    this.labels = parts.labels;
    this.weights = parts.weights;
    this.attached = parts.attached;
    this.adapter = parts.adapter;
    this.training = parts.training;
  }

  /**
   * The inference graph: input `images` `[batch, channels, height, width]` with pixels in [0, 1], outputs `logits` and
   * `probabilities` `[batch, classes]`. Preprocessing is part of the graph.
   */
  graph(batchSize: number): Graph {
    const graph = new Graph("image classifier");
    const shape = inputShape(this.backbone);
    const images = graph.input("images", "float32", [batchSize, ...shape]);
    const perChannel = (values: readonly number[]) =>
      graph.constant({
        dtype: "float32",
        shape: [1, shape[0], 1, 1],
        data: Float32Array.from({ length: shape[0] }, (_, i) => values[i] ?? values[0]!),
      });
    const { mean, std } = this.backbone.preprocessing;
    const normalized = divide(subtract(images, perChannel(mean)), perChannel(std));
    const logits = graph.output(
      "logits",
      classificationHead(backboneFeatures(this.backbone, normalized).pooled, this.labels.length),
    );
    graph.output("probabilities", softmax(logits));
    return this.attached === undefined ? graph : applyAdapter(graph, this.attached).graph;
  }

  /** The bytes of a plain ONNX model with the weights inside. */
  toOnnx(batchSize = 1): Uint8Array {
    return toOnnx(this.graph(batchSize), { weights: this.weights, metadata: { labels: JSON.stringify(this.labels) } });
  }

  /**
   * Class probabilities of every image of a split.
   *
   * @returns `[count, classes]` in row-major order; each row sums to 1
   * @throws VesaliusError `shape-mismatch` when the images do not fit the backbone
   */
  async predict(
    split: ImageSplit,
    options: { readonly backend?: Backend; readonly signal?: AbortSignal } = {},
  ): Promise<Float32Array> {
    checkFit(this.backbone, split.images);
    const batchSize = Math.min(64, split.length);
    const session = await this.#session(batchSize, options.backend);
    const classes = this.labels.length;
    const result = new Float32Array(split.length * classes);
    const loader = platform.sequentialLoader(split, { batchSize });
    const shape = [batchSize, ...inputShape(this.backbone)];
    try {
      for (let step = 0; step < loader.stepsPerEpoch; step++) {
        options.signal?.throwIfAborted();
        const batch = await loader.batch(step);
        const outputs = await session.run(new Map([["images", { dtype: "float32", shape, data: batch.images }]]));
        const rows = outputs.get("probabilities")!.data as Float32Array;
        result.set(rows.subarray(0, batch.size * classes), step * batchSize * classes);
      }
    } finally {
      await loader.close();
      // Sessions of the platform's own backend are kept for the next call; one of a given backend is only for this one.
      if (options.backend !== undefined) await session.release();
    }
    return result;
  }

  /** The files of the saved model by name; see `save`. */
  encode(): Map<string, string | Uint8Array> {
    return classifierFiles(this, this.toOnnx());
  }

  /**
   * Saves the model: `model.safetensors` under timm's names, `config.json`, `model.onnx`, and for a method with
   * an adapter the adapter alone under `adapter/`, in PEFT's format where it has one.
   *
   * @throws VesaliusError `output-not-writable` or `disk-full`
   */
  async save(folder: string): Promise<void> {
    await platform.writeFiles(folder, this.encode());
  }

  /** Frees the engine's memory; the model can be used again afterwards. */
  async release(): Promise<void> {
    await this.#sessions.release();
  }

  async #session(batchSize: number, chosen: Backend | undefined): Promise<Session> {
    const backend = chosen ?? (await platform.defaultBackend());
    const load = () => loadGraph(this.graph(batchSize), backend, {}, { weights: this.weights });
    return chosen === undefined ? this.#sessions.get(`${backend.name} ${batchSize}`, load) : load();
  }
}
