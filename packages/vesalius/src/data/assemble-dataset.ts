import { VesaliusError } from "../common/errors.ts";
import type { DatasetCard } from "./dataset-card.ts";
import type { ImageDataset, ImageSplit, SplitName } from "./image-dataset.ts";
import { memoryImages } from "./image-source.ts";
import type { ImageShape } from "./image-source.ts";
import { findLeaks, leakageError } from "./leakage.ts";
import { subset } from "./subset.ts";

/** Splits as a reader found them, all of one image size. */
export interface DatasetParts {
  readonly name: string;
  readonly splits: Partial<Record<SplitName, ImageSplit>>;
  readonly labels: readonly string[];
  readonly card: DatasetCard;
}

/** What {@link assembleDataset} tolerates. */
export interface AssemblyOptions {
  /** What to do where a training image shares its group or all its bytes with an image of another split. */
  readonly leakage?: "error" | "drop-from-train" | undefined;
  /** Accept classes without a training image. */
  readonly allowMissingClasses?: boolean | undefined;
  /** Accept data without a training split, for evaluation only: `train` is then empty. */
  readonly allowMissingTrain?: boolean | undefined;
}

function checkSplit(split: ImageSplit, labels: readonly string[], dataset: string): void {
  const where = `${dataset}, split ${split.name}`;
  if (split.length === 0) throw new VesaliusError("bad-data", "the split holds no images", { where });
  const row = split.labels?.findIndex((label) => label < 0 || label >= labels.length) ?? -1;
  if (row >= 0) {
    throw new VesaliusError(
      "bad-data",
      `label ${split.labels![row]} is outside the ${labels.length} classes ${labels.join(", ")}`,
      {
        where: `${where}, image ${split.ids[row]}`,
        fix: "correct the label, or give the full list of classes in dataset.json or the option labels",
      },
    );
  }
}

function checkClasses(train: ImageSplit, labels: readonly string[], dataset: string): void {
  if (train.labels === undefined) return;
  const present = new Set(train.labels);
  const missing = labels.filter((_, index) => !present.has(index));
  if (missing.length > 0) {
    throw new VesaliusError("bad-data", `no training image has the class ${missing.join(", ")}`, {
      where: dataset,
      fix: "add examples, take the class out of the list, or pass allowMissingClasses",
    });
  }
}

function withoutLeaks(
  train: ImageSplit,
  others: readonly ImageSplit[],
  dataset: string,
  drop: boolean,
): { train: ImageSplit; dropped: number } {
  const leaks = others.flatMap((other) => findLeaks(train, other));
  if (leaks.length === 0) return { train, dropped: 0 };
  if (!drop) throw leakageError(leaks, dataset);
  const leaking = new Set(leaks.map(({ index }) => index));
  const kept = Array.from({ length: train.length }, (_, index) => index).filter((index) => !leaking.has(index));
  return { train: subset(train, kept), dropped: leaking.size };
}

function emptyTrain(shape: ImageShape): ImageSplit {
  return {
    name: "train",
    length: 0,
    ids: [],
    labels: undefined,
    groups: undefined,
    attributes: {},
    images: memoryImages(new Uint8Array(0), shape),
  };
}

/**
 * Puts splits together into a dataset after the checks that every dataset must pass, whoever made it: no empty split,
 * no label outside the class list, a training image of every class, and no group or byte-identical image in two
 * splits.
 *
 * @throws VesaliusError `bad-data` or `data-leakage`; leaks between validation and test are never dropped, since that
 * would change what is measured.
 */
export function assembleDataset(parts: DatasetParts, options: AssemblyOptions = {}): ImageDataset {
  const { name, labels, splits } = parts;
  const { validation, test } = splits;
  const present = [splits.train, validation, test].filter((split) => split !== undefined);
  if (splits.train === undefined && !(options.allowMissingTrain && present.length > 0)) {
    throw new VesaliusError("bad-data", "there is no training split", {
      where: name,
      fix: "pass allowMissingTrain to open a set for evaluation only",
    });
  }
  for (const split of present) checkSplit(split, labels, name);
  if (validation && test) {
    const leaks = findLeaks(validation, test);
    if (leaks.length > 0) throw leakageError(leaks, name);
  }
  const { channels, height, width } = present[0]!.images;
  const others = [validation, test].filter((split) => split !== undefined);
  const drop = options.leakage === "drop-from-train";
  const checked = withoutLeaks(splits.train ?? emptyTrain({ channels, height, width }), others, name, drop);
  if (splits.train) {
    if (checked.train.length === 0)
      throw new VesaliusError("bad-data", "no training image is left without leakage", { where: name });
    if (!options.allowMissingClasses) checkClasses(checked.train, labels, name);
  }
  const cautions = checked.dropped
    ? [`${checked.dropped} training images were left out because their group or content is in another split.`]
    : [];
  return {
    kind: "images",
    name,
    labels,
    channels,
    height,
    width,
    train: checked.train,
    validation,
    test,
    card: { ...parts.card, cautions: [...parts.card.cautions, ...cautions] },
  };
}
