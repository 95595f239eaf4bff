import { catalogue } from "../common/catalogue.ts";
import { bertArchitecture } from "./language/bert-architecture.ts";
import { perceptronArchitecture } from "./tabular/perceptron.ts";
import { nnunetArchitecture } from "./vision/nnunet-architecture.ts";
import { resnetArchitecture } from "./vision/resnet-architecture.ts";
import { basicUnetArchitecture, residualUnetArchitecture } from "./vision/unet-architectures.ts";
import { vitArchitecture } from "./vision/vit-architecture.ts";

/** Every architecture that a recipe can name; each one is a file and a line here. */
export const architectures = catalogue("architecture", [
  bertArchitecture,
  vitArchitecture,
  resnetArchitecture,
  nnunetArchitecture,
  basicUnetArchitecture,
  residualUnetArchitecture,
  perceptronArchitecture,
]);
