import { adapt, evaluate, pretrain, syntheticRadiographsOfImages, VesaliusError } from "vesalius";
import { lora } from "vesalius/adaptation";
import { classification } from "vesalius/applications/vision";
import type { ImageDataset } from "vesalius/data";
import { vit } from "vesalius/models";
import { maskedPixels as maskedImageModelling } from "vesalius/pretraining";
import type { Backend } from "vesalius/runtime";
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

function open(settings: Settings, files: readonly LocalFile[]): Promise<ImageDataset> {
  if (settings.source === "files") return openLocalFiles(files);
  const validation = Math.max(40, Math.round(settings.images / 3));
  return Promise.resolve(syntheticRadiographsOfImages({ count: { train: settings.images, validation, test: 0 } }));
}

/** A figure, unless the images leave it without a value (one class only). */
function estimateOf(figure: { value: number | null; lower: number | null; upper: number | null } | undefined) {
  if (figure === undefined || figure.value === null || figure.lower === null || figure.upper === null) return undefined;
  return { value: figure.value, lower: figure.lower, upper: figure.upper } satisfies Estimate;
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
  const { channels, height, width, train } = dataset;
  if (height !== width) throw new VesaliusError("bad-data", `images of ${height} x ${width} pixels are not square`);
  const watch = (stage: "pretraining" | "adapting") => ({
    backend,
    batchSize,
    workers: 0,
    onProgress: ({ step, totalSteps, loss, secondsLeft }: ProgressOf) =>
      report({ kind: "progress", stage, step, totalSteps, loss, secondsLeft }),
  });
  report({ kind: "stage", stage: "pretraining", detail: `${train.length} images, labels not looked at` });
  const shape = { ...vit.micro({ image: height, patch: patchSize(height), channels }).config, width: 64, depth: 3 };
  const backbone = await pretrain(vit(shape), maskedImageModelling({ ratio: 0.75 }), train, {
    ...watch("pretraining"),
    epochs: settings.pretrainingEpochs,
  });
  report({ kind: "stage", stage: "adapting", detail: `classes: ${dataset.labels.join(", ")}` });
  const model = await adapt(backbone, classification(dataset.labels), {
    ...watch("adapting"),
    method: lora({ rank: settings.rank }),
    data: train,
    epochs: settings.adaptationEpochs,
  });
  const held = dataset.test ?? dataset.validation!;
  report({ kind: "stage", stage: "evaluating", detail: `${held.length} images of the ${held.name} split` });
  const { figures } = await evaluate(model, held, { backend, nameImages: false, resamples: 500 });
  report({
    kind: "done",
    backend: backend.name,
    rocAuc: estimateOf(figures.rocAuc),
    accuracy: estimateOf(figures.accuracy)?.value,
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
