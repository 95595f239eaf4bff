export { createBackbone, vit } from "./backbones.ts";
export {
  type ArchitectureEntry,
  architectureEntry,
  type Backbone,
  type Features,
  type Head,
  type HiddenPlaces,
  type InputValues,
  type Mode,
  type Network,
  type NetworkSuggestion,
  type Outputs,
  type Preparation,
  type RoleFacts,
} from "./network.ts";
export { architectures } from "./architectures.ts";
export * from "./decoders.ts";
export * from "./language/bert.ts";
export * from "./language/gpt2.ts";
export * from "./layers/decoding.ts";
export * from "./layers/dropout.ts";
export * from "./layers/embedding.ts";
export * from "./layers/gather-places.ts";
export * from "./layers/hugging-face.ts";
export * from "./layers/language-modelling.ts";
export * from "./layers/masks.ts";
export * from "./layers/mixture-of-experts.ts";
export * from "./layers/patches.ts";
export * from "./layers/pooling.ts";
export * from "./layers/post-norm.ts";
export * from "./layers/rotary.ts";
export * from "./language/llama.ts";
export * from "./layers/transformer.ts";
export * from "./vision/mae.ts";
export * from "./language/mixtral.ts";
export * from "./make-backbone.ts";
export * from "./state-dictionary.ts";
export {
  classificationHead,
  type VitConfig,
  vitConfigSchema,
  vitFeatures,
  vitPatchTokens,
  withClassToken,
} from "./vision/vit.ts";
export * from "./vision/densenet.ts";
export * from "./layers/convolution.ts";
export * from "./layers/normalization.ts";
export * from "./vision/resnet.ts";
export * from "./vision/basic-unet.ts";
export * from "./layers/convolution-block.ts";
export * from "./layers/published-config.ts";
export * from "./vision/nnunet.ts";
export * from "./vision/residual-unet.ts";
export * from "./layers/relative-positions.ts";
export * from "./language/t5.ts";
export * from "./language/bart.ts";
export * from "./bioinformatics/esm2.ts";
export * from "./layers/unetr-decoder.ts";
export * from "./vision/unetr.ts";
export * from "./layers/bicubic.ts";
export * from "./vision/dinov2.ts";
export * from "./vision/dino-head.ts";
export * from "./layers/swin-block.ts";
export * from "./layers/windows.ts";
export * from "./vision/swin.ts";
export * from "./vision/swin-unetr.ts";
export * from "./multimodal/qformer.ts";
export * from "./multimodal/llava-projector.ts";
export * from "./multimodal/clip.ts";
export * from "./multimodal/flamingo.ts";
export * from "./multimodal/flamingo-arguments.ts";
export * from "./layers/expression-losses.ts";
export * from "./bioinformatics/scgpt.ts";
export * from "./bioinformatics/scgpt-heads.ts";
export * from "./bioinformatics/scgpt-arguments.ts";
export * from "./bioinformatics/performer.ts";
export * from "./bioinformatics/performer-arguments.ts";
export * from "./bioinformatics/performer-attention.ts";
export * from "./vision/sam.ts";
export * from "./vision/sam-hugging-face.ts";
export * from "./vision/sam/image-encoder.ts";
export * from "./vision/sam/mask-decoder.ts";
export * from "./vision/sam/prompt-encoder.ts";
export * from "./vision/universeg.ts";
export * from "./language/mamba.ts";
export * from "./multimodal/clip-resnet.ts";
export * from "./bioinformatics/hyenadna.ts";
export * from "./bioinformatics/gin.ts";
export {
  meanOverMolecules,
  type MoleculePooling,
  moleculePoolingSchema,
  poolMolecules,
} from "./bioinformatics/molecule-pooling.ts";
export * from "./bioinformatics/evoformer.ts";
export * from "./layers/causal-convolution.ts";
export * from "./layers/fixed-table.ts";
