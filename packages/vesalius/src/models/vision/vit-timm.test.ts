import { describe, expect, it } from "vitest";
import { vitArchitecture } from "./vit-architecture.ts";
import { vitConfigSchema } from "./vit.ts";
import { vitFromTimm, vitToTimm } from "./vit-timm.ts";

/** What lies beside timm's ViT-B/16 on the hub, as timm writes it. */
const hub = {
  architecture: "vit_base_patch16_224",
  num_classes: 1000,
  num_features: 768,
  global_pool: "token",
  pretrained_cfg: {
    tag: "augreg2_in21k_ft_in1k",
    custom_load: false,
    input_size: [3, 224, 224],
    fixed_input_size: true,
    interpolation: "bicubic",
    crop_pct: 0.9,
    mean: [0.5, 0.5, 0.5],
    std: [0.5, 0.5, 0.5],
    num_classes: 1000,
    pool_size: null,
    first_conv: "patch_embed.proj",
    classifier: "head",
  },
};
const read = (json: Readonly<Record<string, unknown>>) => {
  const found = vitFromTimm(json)!;
  return { ...vitConfigSchema.parse(found.settings), preparation: found.preparation };
};

describe("timm's config.json of vision transformers", () => {
  it("stands for the settings of the name", () => {
    expect(read(hub)).toEqual({
      ...vitConfigSchema.parse({}),
      preparation: {
        image: { name: "pixels", channels: 3, height: 224, width: 224, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
      },
    });
    expect(read({ architecture: "vit_small_patch32_384" })).toMatchObject({
      width: 384,
      heads: 6,
      patchSize: 32,
      imageSize: 384,
    });
    expect(read({ architecture: "deit_tiny_patch16_224" })).toMatchObject({ width: 192, heads: 3, depth: 12 });
    expect(read({ architecture: "vit_huge_patch14_224" })).toMatchObject({ width: 1280, depth: 32, patchSize: 14 });
  });

  it("may differ from the name in its arguments: images that are not square, one channel, scaled branches", () => {
    const changed = {
      ...hub,
      architecture: "vit_large_patch16_224",
      global_pool: "avg",
      pretrained_cfg: { ...hub.pretrained_cfg, input_size: [1, 224, 192] },
      model_args: { img_size: [224, 192], init_values: 1e-5, num_classes: 0, dynamic_img_size: true, fc_norm: null },
    };
    expect(read(changed)).toMatchObject({
      imageSize: [224, 192],
      channels: 1,
      width: 1024,
      depth: 24,
      layerScale: 1e-5,
      pooling: "mean",
      preparation: { image: { channels: 1, height: 224, width: 192 } },
    });
    expect(read({ ...hub, model_args: { patch_size: [16, 8] } })).toMatchObject({ patchSize: [16, 8] });
  });

  it.each([
    [{ no_embed_class: true, reg_tokens: 4 }, /not supported: no_embed_class, reg_tokens/],
    [{ pre_norm: true }, /not supported: pre_norm/],
    [{ pos_embed: "" }, /pos_embed/],
    [{ final_norm: false }, /final_norm/],
    [{ proj_bias: false }, /proj_bias/],
    [{ act_layer: "quick_gelu" }, /act_layer/],
    [{ global_pool: "map" }, /global_pool/],
    [{ fc_norm: true }, /fc_norm is true with global_pool token/],
    [{ img_size: 384 }, /img_size is 384 x 384, input_size of pretrained_cfg is 224 x 224/],
    [{ img_size: [224, 224, 224] }, /img_size/],
  ])("with %j is refused by the name of the key", (changed, message) => {
    expect(() => vitFromTimm({ ...hub, model_args: changed })).toThrow(message);
  });

  it.each(["vit_base_patch16_clip_224", "vit_small_patch14_dinov2", "deit3_base_patch16_224", "vit_base_r50_s16_224"])(
    "of another kind of transformer is refused by its name: %s",
    (architecture) => {
      expect(() => vitFromTimm({ ...hub, architecture })).toThrow(
        `timm's ${architecture} is no plain vision transformer`,
      );
    },
  );

  it("of something else is left to others", () => {
    expect(vitFromTimm({ architecture: "resnet50" })).toBeUndefined();
    expect(vitFromTimm({ model_type: "bert" })).toBeUndefined();
  });

  it("is written so that it reads as the same settings", () => {
    const changes = { imageSize: [8, 24], patchSize: 4, layerScale: 0.1, epsilon: 1e-5, activation: "quickGelu" };
    for (const given of [
      {},
      changes,
      { classToken: false, pooling: "mean", positions: "sineCosine", qkvBias: false },
    ]) {
      const config = vitConfigSchema.parse(given);
      const { settings } = vitArchitecture.fromFile!(vitToTimm(config, {}))!;
      expect(vitConfigSchema.parse(settings)).toEqual(config);
    }
  });
});
