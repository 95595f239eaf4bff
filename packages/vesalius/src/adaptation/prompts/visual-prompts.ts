import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { concat, expand, select, slice, type Value } from "../../graph/index.ts";
import {
  layerNormLayer,
  preNormBlock,
  type VitConfig,
  vitEpsilon,
  vitPatchTokens,
  withClassToken,
} from "../../models/index.ts";

/** Settings of visual prompt tuning; meaning as in KMnP/vpt's `MODEL.PROMPT`. */
export const visualPromptsSchema = z.strictObject({
  /** Number of prompts. */
  tokens: z.int().positive().default(10),
  /** New prompts at every layer, in place of what became of the last ones. */
  deep: z.boolean().default(false),
});

/** Settings of visual prompt tuning. */
export type VisualPromptsConfig = z.infer<typeof visualPromptsSchema>;

/**
 * Vision transformer with learned prompts between class token and patches (Jia et al. 2022; KMnP/vpt,
 * `src/models/vit_prompt/vit.py`). The backbone has timm's parameter names and is meant to be frozen; the prompts are
 * `prompt_embeddings` `[1, tokens, width]` and, where they are deep, `deep_prompt_embeddings` `[depth - 1, tokens,
 * width]`.
 *
 * @param images `[batch, channels, imageSize, imageSize]`
 * @returns all tokens after the last normalization `[batch, 1 + prompts + patches, width]`, and the class token
 * `[batch, width]`
 * @throws VesaliusError `bad-configuration` for a backbone without class token, or pooled otherwise
 */
export function visualPromptTuning(
  images: Value,
  config: VitConfig,
  prompts: VisualPromptsConfig,
): { readonly tokens: Value; readonly pooled: Value } {
  if (!config.classToken || config.pooling !== "token")
    throw new VesaliusError("bad-configuration", "visual prompts stand behind a class token, which is what is read", {
      fix: "use a vision transformer with classToken: true and pooling: token",
    });
  const { width, depth, patchSize } = config;
  const count = prompts.tokens;
  const { tokens, positions } = vitPatchTokens(images, config);
  const placed = withClassToken(tokens, positions, config);
  const batch = placed.shape[0]!;
  // The bound of Xavier's rule over the elements of a patch and the width, as in the reference.
  const initializer = { kind: "uniform", bound: Math.sqrt(6 / (3 * patchSize ** 2 + width)) } as const;
  const shallow = images.graph.parameter("prompt_embeddings", [1, count, width], initializer);
  const insert = (x: Value, from: number, learned: Value): Value =>
    concat([slice(x, 1, 0, 1), expand(learned, [batch, count, width]), slice(x, 1, from, x.shape[1]!)], 1);
  let x = insert(placed, 1, shallow);
  for (let i = 0; i < depth; i++) {
    if (i > 0 && prompts.deep) {
      const later = images.graph.parameter("deep_prompt_embeddings", [depth - 1, count, width], initializer);
      x = insert(x, 1 + count, slice(later, 0, i - 1, i));
    }
    const { heads, mlpRatio, qkvBias } = config;
    x = preNormBlock(x, `blocks.${i}`, { heads, mlpRatio, qkvBias, epsilon: vitEpsilon });
  }
  const normed = layerNormLayer(x, "norm", vitEpsilon);
  return { tokens: normed, pooled: select(normed, 1, 0) };
}
