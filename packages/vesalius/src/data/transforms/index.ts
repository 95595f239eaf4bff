import { catalogue } from "../../common/catalogue.ts";
import { balancedPatch } from "./balanced-patch.ts";
import { corruption } from "./corruption.ts";
import { dropModality } from "./drop-modality.ts";
import { dropValues } from "./drop-values.ts";
import { flip } from "./flip.ts";
import { imageTransform } from "./image-transform.ts";
import { intensity } from "./intensity.ts";
import { normalise, normaliseSchema } from "./normalise.ts";
import { affine } from "./random-affine.ts";
import { randomFlip, randomFlipSchema } from "./random-flip.ts";
import { randomGaussianNoise, randomGaussianNoiseSchema } from "./random-gaussian-noise.ts";
import { randomIntensity, randomIntensitySchema } from "./random-intensity.ts";
import { randomResizedCrop, randomResizedCropSchema } from "./random-resized-crop.ts";
import { randomRotation, randomRotationSchema } from "./random-rotation.ts";
import { randomTranslation, randomTranslationSchema } from "./random-translation.ts";
import { resize, resizeSchema } from "./resize.ts";
import { sampleGenes } from "./sample-genes.ts";
import { wordDropout } from "./word-dropout.ts";

/** Every random change of examples, by name. */
export const transforms = catalogue("transform", [
  imageTransform("A random crop, resized.", randomResizedCropSchema, randomResizedCrop),
  imageTransform("Mirror image of a single image.", randomFlipSchema, randomFlip),
  imageTransform("Rotation of a single image.", randomRotationSchema, randomRotation),
  imageTransform("Shift of a single image.", randomTranslationSchema, randomTranslation),
  imageTransform("Brightness, contrast and gamma.", randomIntensitySchema, randomIntensity),
  imageTransform("Gaussian noise.", randomGaussianNoiseSchema, randomGaussianNoise),
  imageTransform("Another size.", resizeSchema, resize),
  wordDropout,
  sampleGenes,
  imageTransform("Subtracts a mean and divides by a deviation.", normaliseSchema, normalise),
  flip,
  affine,
  balancedPatch,
  intensity,
  corruption,
  dropModality,
  dropValues,
]);
