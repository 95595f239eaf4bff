import { type Catalogue, catalogue } from "../common/catalogue.ts";
import { geneTransformerArchitecture } from "./bioinformatics/gene-transformer.ts";
import { scbertArchitecture } from "./bioinformatics/scbert-architecture.ts";
import { esm2Architecture, hyenaDnaArchitecture } from "./bioinformatics/sequence-architectures.ts";
import { behrtArchitecture } from "./language/behrt-architecture.ts";
import { bertArchitecture } from "./language/bert-architecture.ts";
import {
  gpt2Architecture,
  llamaArchitecture,
  mambaArchitecture,
  mixtralArchitecture,
} from "./language/causal-architectures.ts";
import { bartArchitecture, t5Architecture } from "./language/encoder-decoder-architectures.ts";
import { clipArchitecture, clipResnetArchitecture } from "./multimodal/clip-architectures.ts";
import { clipTextArchitecture, clipVisionArchitecture } from "./multimodal/clip-tower-architectures.ts";
import { bilinearFusionArchitecture } from "./multimodal/bilinear-fusion.ts";
import { dualTowerArchitecture } from "./multimodal/dual-tower.ts";
import { fusionArchitecture } from "./multimodal/fusion.ts";
import type { ArchitectureEntry } from "./network.ts";
import { perceptronArchitecture } from "./tabular/perceptron.ts";
import { densenetArchitecture, dinov2Architecture, swinArchitecture } from "./vision/image-architectures.ts";
import { nnunetArchitecture } from "./vision/nnunet-architecture.ts";
import { resnetArchitecture } from "./vision/resnet-architecture.ts";
import { samArchitecture } from "./vision/sam-architecture.ts";
import { basicUnetArchitecture, residualUnetArchitecture } from "./vision/unet-architectures.ts";
import { swinUnetrArchitecture, unetrArchitecture } from "./vision/unetr-architectures.ts";
import { vitArchitecture } from "./vision/vit-architecture.ts";

/** For networks that are made of others. */
const all = (): Catalogue<ArchitectureEntry> => architectures;

/** Every architecture that a recipe can name; each one is a file and a line here. */
export const architectures = catalogue("architecture", [
  bertArchitecture,
  behrtArchitecture,
  gpt2Architecture,
  llamaArchitecture,
  mixtralArchitecture,
  mambaArchitecture,
  bartArchitecture,
  t5Architecture,
  vitArchitecture,
  dinov2Architecture,
  swinArchitecture,
  samArchitecture,
  resnetArchitecture,
  densenetArchitecture,
  nnunetArchitecture,
  basicUnetArchitecture,
  residualUnetArchitecture,
  unetrArchitecture,
  swinUnetrArchitecture,
  geneTransformerArchitecture,
  scbertArchitecture,
  esm2Architecture,
  hyenaDnaArchitecture,
  perceptronArchitecture,
  clipArchitecture,
  clipResnetArchitecture,
  clipVisionArchitecture,
  clipTextArchitecture,
  dualTowerArchitecture(all),
  fusionArchitecture(all),
  bilinearFusionArchitecture(all),
]);
