import { type Catalogue, catalogue } from "../common/catalogue.ts";
import { geneTransformerArchitecture } from "./bioinformatics/gene-transformer.ts";
import { bertArchitecture } from "./language/bert-architecture.ts";
import { dualTowerArchitecture } from "./multimodal/dual-tower.ts";
import { fusionArchitecture } from "./multimodal/fusion.ts";
import type { ArchitectureEntry } from "./network.ts";
import { perceptronArchitecture } from "./tabular/perceptron.ts";
import { nnunetArchitecture } from "./vision/nnunet-architecture.ts";
import { resnetArchitecture } from "./vision/resnet-architecture.ts";
import { basicUnetArchitecture, residualUnetArchitecture } from "./vision/unet-architectures.ts";
import { vitArchitecture } from "./vision/vit-architecture.ts";

/** For networks that are made of others. */
const all = (): Catalogue<ArchitectureEntry> => architectures;

/** Every architecture that a recipe can name; each one is a file and a line here. */
export const architectures = catalogue("architecture", [
  bertArchitecture,
  vitArchitecture,
  resnetArchitecture,
  nnunetArchitecture,
  basicUnetArchitecture,
  residualUnetArchitecture,
  geneTransformerArchitecture,
  perceptronArchitecture,
  dualTowerArchitecture(all),
  fusionArchitecture(all),
]);
