import { adapt, evaluate, pretrain, syntheticRadiographs, VesaliusError } from "vesalius";
import { lora } from "vesalius/adaptation";
import { columnOf, type Dataset, imageSize, type Split } from "vesalius/data";
import { vit } from "vesalius/models";
import { maskedImageModelling } from "vesalius/pretraining";
import type { Backend } from "vesalius/runtime";
import { classification } from "vesalius/tasks";
import { type LocalFile, openLocalFiles } from "./local-files.ts";
import type { Estimate, Settings, WorkerMessage } from "./messages.ts";

/** Most patches along a side: their number squared sets the cost. */
const mostPatches = 8;
const batchSize = 32;

/** The smallest patch that divides the images into few enough parts. */
function patchSize(side: number): number {
  for (let patch = Math.ceil(side / mostPatches); patch <= side / 2; patch++) if (side % patch === 0) return patch;
  throw new VesaliusError("bad-data", `images of ${side} pixels do not divide into patches`, {
    fix: "resize them, for example to 28, 32 or 64 pixels",
  });
}

function open(settings: Settings, files: readonly LocalFile[]): Promise<Dataset> {
  if (settings.source === "files") return openLocalFiles(files);
  const validation = Math.max(40, Math.round(settings.images / 3));
  return Promise.resolve(syntheticRadiographs({ count: { train: settings.images, validation, test: 0 } }));
}

/** A metric, unless the images leave it without a value (one class only). */
function estimateOf(metric: { value: number | null; lower: number | null; upper: number | null } | undefined) {
  if (metric === undefined || metric.value === null || metric.lower === null || metric.upper === null) return undefined;
  return { value: metric.value, lower: metric.lower, upper: metric.upper } satisfies Estimate;
}

/** The adapter alone, in PEFT's layout, out of the files of the saved model. */
function adapterFilesOf(files: ReadonlyMap<string, Uint8Array | string>): Map<string, Uint8Array | string> {
  const folder = "adapter/";
  return new Map(
    [...files]
      .filter(([name]) => name.startsWith(folder))
      .map(([name, content]): [string, Uint8Array | string] => [name.slice(folder.length), content]),
  );
}

/**
 * Pretrains a small vision transformer on the images without their labels, adapts it with low-rank updates to the
 * labels, and evaluates it on images that it has not seen.
 *
 * @param report gets stages, progress after each step, and the result
 */
export async function trainInBrowser(
  settings: Settings,
  files: readonly LocalFile[],
  backend: Backend,
  report: (message: WorkerMessage) => void,
): Promise<void> {
  const began = performance.now();
  report({ kind: "stage", stage: "loading", detail: "reading the images" });
  const dataset = await open(settings, files);
  const { train, validation, test } = dataset.splits as { [name: string]: Split | undefined; train: Split };
  const [channels, height, width] = imageSize(columnOf(train, "image", "images"), 0);
  const { names: classes } = columnOf(train, "label", "classes");
  if (height !== width) throw new VesaliusError("bad-data", `images of ${height} x ${width} pixels are not square`);
  const watch = (stage: "pretraining" | "adapting") => ({
    backend,
    batchSize,
    workers: 0,
    onProgress: ({ step, totalSteps, loss, secondsLeft }: ProgressOf) =>
      report({ kind: "progress", stage, step, totalSteps, loss, secondsLeft }),
  });
  report({ kind: "stage", stage: "pretraining", detail: `${train.length} images, labels not looked at` });
  const shape = { imageSize: height, patchSize: patchSize(height), channels, width: 64, depth: 3 };
  const network = vit.micro(shape);
  const backbone = await pretrain(network, maskedImageModelling({ maskRatio: 0.75 }), train, {
    ...watch("pretraining"),
    epochs: settings.pretrainingEpochs,
  });
  report({ kind: "stage", stage: "adapting", detail: `classes: ${classes.join(", ")}` });
  const task = classification({ classes: [...classes] });
  const model = await adapt(backbone, task, {
    ...watch("adapting"),
    method: lora({ rank: settings.rank }),
    data: train,
    epochs: settings.adaptationEpochs,
  });
  const held = test ?? validation!;
  report({ kind: "stage", stage: "evaluating", detail: `${held.length} images of the ${held.name} split` });
  const { metrics } = await evaluate(model, task, held, { backend, nameCases: false, resamples: 500 });
  report({
    kind: "done",
    backend: backend.name,
    rocAuc: estimateOf(metrics.rocAuc),
    accuracy: estimateOf(metrics.accuracy)?.value,
    trainedParameters: model.training!.trainedParameters,
    evaluatedImages: held.length,
    split: held.name,
    seconds: (performance.now() - began) / 1000,
    files: adapterFilesOf(model.encode()),
  });
}

/** What training reports after a step. */
interface ProgressOf {
  readonly step: number;
  readonly totalSteps: number;
  readonly loss: number;
  readonly secondsLeft: number;
}
