export * from "./backbone.ts";
export * from "./backbone-files.ts";
export * from "./bert.ts";
export * from "./gpt2.ts";
export * from "./layers/decoding.ts";
export * from "./layers/embedding.ts";
export * from "./layers/hugging-face.ts";
export * from "./layers/language-modelling.ts";
export * from "./layers/masks.ts";
export * from "./layers/mixture-of-experts.ts";
export * from "./layers/patches.ts";
export * from "./layers/post-norm.ts";
export * from "./layers/rotary.ts";
export * from "./llama.ts";
export * from "./layers/transformer.ts";
export * from "./mae.ts";
export * from "./mixtral.ts";
export * from "./state-dictionary.ts";
export {
  classificationHead,
  type VitConfig,
  vitConfigSchema,
  vitEpsilon,
  vitFeatures,
  vitPatchTokens,
  withClassToken,
} from "./vit.ts";
export * from "./densenet.ts";
export * from "./layers/convolution.ts";
export * from "./layers/normalization.ts";
export * from "./resnet.ts";
export * from "./basic-unet.ts";
export * from "./layers/convolution-block.ts";
export * from "./layers/published-config.ts";
export * from "./nnunet.ts";
export * from "./residual-unet.ts";
export * from "./layers/relative-positions.ts";
export * from "./t5.ts";
export * from "./bart.ts";
export * from "./esm2.ts";
export * from "./layers/unetr-decoder.ts";
export * from "./unetr.ts";
export * from "./layers/bicubic.ts";
export * from "./dinov2.ts";
export * from "./dino-head.ts";
export * from "./layers/swin-block.ts";
export * from "./layers/windows.ts";
export * from "./swin.ts";
export * from "./swin-unetr.ts";
export * from "./qformer.ts";
export * from "./llava-projector.ts";
export * from "./clip.ts";
export * from "./flamingo.ts";
export * from "./layers/expression-losses.ts";
export * from "./scgpt.ts";
export * from "./performer.ts";
export * from "./sam.ts";
export * from "./sam/image-encoder.ts";
export * from "./sam/mask-decoder.ts";
export * from "./sam/prompt-encoder.ts";
export * from "./universeg.ts";
export * from "./mamba.ts";
export * from "./clip-resnet.ts";
export * from "./hyenadna.ts";
export * from "./gin.ts";
export * from "./evoformer.ts";
export * from "./layers/causal-convolution.ts";
export * from "./layers/fixed-table.ts";
