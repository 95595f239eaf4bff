import { z } from "zod";
import { validate } from "../common/check.ts";
import { VesaliusError } from "../common/errors.ts";
import { type Example, type GridValues, type Mask, type Part, readExamples, type Split } from "../data/index.ts";
import { meanDice, type RegionsMeasure, regionsEvaluation } from "../evaluation/index.ts";
import {
  add,
  cast,
  classChannels,
  crossEntropy,
  diceLoss,
  multiply,
  reshape,
  resize,
  softmax,
  type Value,
} from "../graph/index.ts";
import type { Backbone, Outputs } from "../models/index.ts";
import { presentRows, requireColumn, requireSameNames } from "./columns.ts";
import { maskFile } from "./files/masks.ts";
import { outlinedPicture } from "./pictures/outlines.ts";
import { onePass } from "./inference/one-pass.ts";
import { encoderOf, roleParts } from "./roles.ts";
import { suggestColumn } from "./suggest-column.ts";
import { type Result, type Task, taskEntry } from "./task.ts";

/** Settings of a segmentation. */
export const segmentationSchema = z.strictObject({
  /** Role whose images or volumes are segmented. */
  role: z.string().default("image"),
  /** Column of the images or volumes. */
  imageColumn: z.string().default("image"),
  /** Column of the masks. */
  column: z.string().default("mask"),
  /** Class names by index, the first is the background; those of the data where they are left out. */
  classes: z.array(z.string()).min(2).optional(),
  /** Weight of the Dice loss beside cross-entropy, which has 1. */
  diceWeight: z.number().nonnegative().default(1),
  /** Unit of distances in the evaluation. */
  unit: z.enum(["mm", "pixels"]).optional(),
  /** By how much of that unit surfaces may differ (normalized surface Dice). */
  tolerance: z.number().positive().default(1),
  /** Accept structures that no training mask shows, which cannot be learned. */
  allowMissingClasses: z.boolean().default(false),
});

/** Settings of a segmentation, defaults left out at will. */
export type SegmentationOptions = z.input<typeof segmentationSchema>;

type Settings = z.output<typeof segmentationSchema> & { readonly classes: readonly string[] };

function check(split: Split, { column, imageColumn, classes }: Settings, use: string): void {
  const image = split.columns[imageColumn];
  if (image === undefined || !["images", "volumes"].includes(image.kind))
    throw new VesaliusError("bad-data", `there is no column ${imageColumn} of images or volumes`, {
      where: `split ${split.name}`,
      fix: `the data have ${Object.keys(split.columns).join(", ")}`,
    });
  if (use === "prediction") return;
  const masks = requireColumn(split, column, "masks");
  const where = `split ${split.name}, column ${column}`;
  requireSameNames(masks.classes, classes, { kind: "classes", of: "the masks", where });
  if (use === "training" && presentRows(masks).length < split.length)
    throw new VesaliusError("bad-data", "training examples have no mask", {
      where,
      fix: "segment them or leave them out",
    });
}

/** Structures that no mask of a split shows; masks are read until all of them were seen. */
async function absentStructures(split: Split, column: string, classes: readonly string[]): Promise<string[]> {
  const absent = new Set(classes.keys());
  // A background that covers nothing is no fault.
  absent.delete(0);
  for (const row of presentRows(requireColumn(split, column, "masks"))) {
    if (absent.size === 0) break;
    const [example] = await readExamples(split, [column], [row]);
    for (const value of (example![column] as Mask).data) absent.delete(value);
  }
  return [...absent].map((index) => classes[index]!);
}

async function examine(split: Split, settings: Settings, use: string): Promise<readonly string[]> {
  const { column, classes, allowMissingClasses } = settings;
  const absent = await absentStructures(split, column, classes);
  if (absent.length === 0) return [];
  const masks = presentRows(requireColumn(split, column, "masks")).length;
  const said = `none of the ${masks} masks of the split ${split.name} shows ${absent.join(", ")}`;
  if (use === "training" && !allowMissingClasses)
    throw new VesaliusError("bad-data", `${said}, which leaves nothing to learn`, {
      where: `split ${split.name}, column ${column}`,
      fix: "add examples, take the structure out of the data's list of classes, or accept that with allowMissingClasses: true of the task",
    });
  const means = use === "training" ? "this cannot be learned" : "figures on it are not defined";
  return [`${said[0]!.toUpperCase()}${said.slice(1)}; ${means}.`];
}

/** The encoder of masks that goes with a role's encoder of images or volumes. */
function targetPart(backbone: Backbone, { role, column }: Settings): Part {
  const { name, extents, spacing, height, width } = backbone.preparation![role]!;
  const encoder =
    name === "voxels"
      ? { name: "classMap", extents, ...(spacing === undefined ? {} : { spacing }) }
      : { name: "classMap", extents: [height, width], resize: true };
  return { columns: [column], encoder, target: true };
}

/** Class indices at another size, by the nearest place: `[rows, ...spatial]`. */
function labelsAt(labels: Value, spatial: readonly number[]): Value {
  if (spatial.every((extent, axis) => extent === labels.shape[axis + 1])) return labels;
  const [rows, ...own] = labels.shape as [number, ...number[]];
  const column = cast(reshape(labels, [rows, 1, ...own]), "float32");
  return cast(reshape(resize(column, spatial, { mode: "nearest" }), [rows, ...spatial]), "int32");
}

/** Dice and cross-entropy of logits at one size (nnU-Net; Isensee et al. 2021). */
function lossAt(logits: Value, labels: Value, classes: number, diceWeight: number): Value {
  const entropy = crossEntropy(logits, labels, { ignoreIndex: -1 });
  if (diceWeight === 0) return entropy;
  const [rows, ...spatial] = labels.shape as [number, ...number[]];
  const truth = classChannels(reshape(labels, [rows, 1, ...spatial]), classes);
  const dice = diceLoss(logits, truth, { activation: "softmax", includeBackground: false, overBatch: true });
  return add(entropy, multiply(dice, logits.graph.scalar(diceWeight)));
}

/** Sum over the sizes that the network gives, half the weight for each halving, as nnU-Net's deep supervision. */
function supervisedLoss(outputs: Outputs, labels: Value, classes: number, diceWeight: number): Value {
  const levels = Object.keys(outputs).filter((name) => /^logits\d*$/.test(name));
  const weights = levels.map((_, level) => 0.5 ** level);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return levels
    .map((name, level) => {
      const logits = outputs[name]!;
      const loss = lossAt(logits, labelsAt(labels, logits.shape.slice(2)), classes, diceWeight);
      return multiply(loss, logits.graph.scalar(weights[level]! / total));
    })
    .reduce(add);
}

/** The most probable class of every place, on the grid of the result. */
function mostProbable({ channels, extents, data }: GridValues): Uint8Array {
  const size = data.length / channels;
  const classes = new Uint8Array(extents.reduce((product, extent) => product * extent, 1));
  for (let place = 0; place < size; place++) {
    let best = 0;
    for (let channel = 1; channel < channels; channel++)
      if (data[channel * size + place]! > data[best * size + place]!) best = channel;
    classes[place] = best;
  }
  return classes;
}

function decode({ example, outputs }: Result, backbone: Backbone, { imageColumn, role }: Settings): Mask {
  const { shape, data } = outputs["probabilities"]!;
  const given = { channels: shape[0]!, extents: shape.slice(1), data: data as Float32Array };
  const image = example[imageColumn] as Partial<Mask> & Pick<Mask, "extents">;
  const { spacing, affine, extents } = image;
  const isOwnGrid = extents.every((extent, axis) => extent === given.extents[axis]);
  const own = isOwnGrid ? given : (encoderOf(backbone, role).restore?.(given, [image]) ?? given);
  return {
    extents: own.extents,
    data: mostProbable(own),
    ...(spacing === undefined ? {} : { spacing }),
    ...(affine === undefined ? {} : { affine }),
  };
}

/** Size of each structure: millilitres where the spacing is known, otherwise places. */
function sizes({ data, spacing }: Mask, classes: readonly string[]): Record<string, number> {
  const counts = classes.map(() => 0);
  for (const value of data) counts[value]!++;
  const unit = spacing === undefined ? 1 : spacing.reduce((product, one) => product * one, 1) / 1000;
  return Object.fromEntries(classes.slice(1).map((name, i) => [name, counts[i + 1]! * unit]));
}

/**
 * Segmentation of images or volumes: the class of every place, with the network's own segmentation layers, Dice and
 * cross-entropy.
 *
 * @throws VesaliusError `bad-configuration` without class names
 */
export function segmentation(options: SegmentationOptions): Task<Mask, Mask, RegionsMeasure> {
  const parsed = validate(segmentationSchema, options, { code: "bad-configuration", what: "segmentation" });
  if (parsed.classes === undefined)
    throw new VesaliusError("bad-configuration", "segmentation needs the names of the classes", {
      where: "task.classes",
      fix: "name them, the background first, or take them from the data",
    });
  const settings: Settings = { ...parsed, classes: parsed.classes };
  const { classes, column, imageColumn, diceWeight, unit, tolerance } = settings;
  return {
    name: "segmentation",
    settings,
    columns: [imageColumn, column],
    inference: onePass,
    evaluation: regionsEvaluation({ classes, unit, tolerance }),
    check: (split, use) => check(split, settings, use),
    examine: (split, use) => examine(split, settings, use),
    feeds: (backbone) => ({ parts: { ...roleParts(backbone), target: targetPart(backbone, settings) } }),
    head(features, { backbone, training }) {
      const own = backbone.network.heads?.["masks"];
      if (own === undefined)
        throw new VesaliusError("bad-configuration", `${backbone.network.name} has no segmentation layers`, {
          where: "task segmentation",
          fix: "choose a network that has, such as nnunet or basicUnet",
        });
      return own(features, classes.length, { training });
    },
    loss: (outputs, { inputs }) => ({
      loss: supervisedLoss(outputs, inputs["target"]!["classes"]!, classes.length, diceWeight),
    }),
    answers: ({ logits }) => ({ probabilities: softmax(logits!, 1) }),
    decode: (result, { backbone }) => decode(result, backbone, settings),
    truth: (example: Example) => example[column] as Mask | null,
    toJson: (mask) => ({ extents: mask.extents, sizes: sizes(mask, classes), unit: mask.spacing ? "ml" : "pixels" }),
    shows: {
      title: "Outlines",
      note:
        "Blue: truth. Orange: prediction. White: where both outlines lie on each other. The cases with the best, the median and the " +
        "worst mean Dice over structures; of a volume the middle one of the slices that hold a structure of the truth.",
      scoreName: "Dice",
      score: meanDice,
      picture(example, answer) {
        const truth = example[column] as Mask;
        const { dataUri, slice } = outlinedPicture(example[imageColumn] as GridValues, truth, answer);
        const of = slice === undefined ? "" : ` on ${slice}`;
        return { dataUri, description: `outlines of ${classes.slice(1).join(", ")}, truth and prediction${of}.` };
      },
    },
    async *files(answers) {
      for await (const { id, answer } of answers) if (answer !== null) yield maskFile(id, answer);
    },
  };
}

/** Segmentation in the catalogue of tasks. */
export const segmentationEntry = taskEntry({
  name: "segmentation",
  summary: "The structure that every pixel or voxel belongs to.",
  settings: segmentationSchema,
  suggest: (train) =>
    suggestColumn(train, {
      kind: "masks",
      names: ["mask"],
      reason: (column) => `the column ${column} holds what each pixel or voxel belongs to`,
      particularity: 3,
    }),
  create: (settings) => segmentation(settings) as unknown as Task,
  fit: (settings, _dataset, train) => ({
    ...settings,
    classes: settings.classes ?? [...requireColumn(train, settings.column, "masks").classes],
    unit: settings.unit ?? (train.columns[settings.imageColumn]?.kind === "volumes" ? "mm" : "pixels"),
  }),
});
