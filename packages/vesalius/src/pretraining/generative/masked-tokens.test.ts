import { expect, it } from "vitest";
import { imagesColumn, textsColumn } from "../../data/index.ts";
import { gradients } from "../../graph/index.ts";
import { architectures } from "../../models/index.ts";
import { prepare } from "../../tasks/index.ts";
import { splitOf } from "../../tasks/learning.test.helper.ts";
import { objectiveGraph } from "../objective-graph.ts";
import { maskedTokens } from "./masked-tokens.ts";

it("trains with the network's dropout, or without", async () => {
  const split = splitOf("train", { text: textsColumn(["loss of brca one", "no loss of one", "brca one of one"]) });
  const network = architectures.create({ name: "bert", width: 8, depth: 1, heads: 2, hiddenWidth: 8, dropout: 0.5 });
  const unprepared = { network, weights: undefined, preparation: undefined };
  const backbone = await prepare({ ...unprepared, encoders: { text: { tokenizer: { name: "words" } } } }, split);
  const types = {
    "text.tokens": { dtype: "int32", shape: [2, 6] },
    "text.mask": { dtype: "float32", shape: [2, 6] },
    "text.labels": { dtype: "int32", shape: [2, 6] },
  } as const;
  const dropped = (dropout: boolean): string[] => {
    const { graph } = objectiveGraph(backbone, maskedTokens({ dropout }), types, 2);
    return [...graph.inputs.values()].filter(({ random }) => random?.kind === "dropout").map(({ name }) => name);
  };
  expect(dropped(true).length).toBeGreaterThan(2);
  expect(dropped(false)).toEqual([]);
});

it("predicts the tokens of a role from all inputs of a network, and from none that do not meet it", async () => {
  const towers = {
    image: { name: "vit", preset: "nano", imageSize: 8, patchSize: 4, channels: 1 },
    text: { name: "bert", preset: "nano" },
  };
  const texts = ["dark image", "bright image", "dark image"];
  const pixels = Uint8Array.from(texts.flatMap((text) => Array<number>(64).fill(text.startsWith("dark") ? 9 : 240)));
  const image = imagesColumn(pixels, { channels: 1, height: 8, width: 8 });
  const split = splitOf("train", { image, text: textsColumn(texts) });
  const prepared = (name: string) =>
    prepare(
      {
        network: architectures.create({ name, towers }),
        weights: undefined,
        preparation: undefined,
        encoders: { text: { tokenizer: { name: "words" } } },
      },
      split,
    );
  const objective = maskedTokens({ role: "text", dropout: false });
  const { parts } = objective.feeds(await prepared("fusion"));
  expect(Object.keys(parts).sort()).toEqual(["image", "text"]);
  const types = {
    "image.pixels": { dtype: "float32", shape: [2, 1, 8, 8] },
    "image.present": { dtype: "float32", shape: [2] },
    "text.tokens": { dtype: "int32", shape: [2, 6] },
    "text.mask": { dtype: "float32", shape: [2, 6] },
    "text.labels": { dtype: "int32", shape: [2, 6] },
    "text.present": { dtype: "float32", shape: [2] },
  } as const;
  const { graph } = objectiveGraph(await prepared("fusion"), objective, types, 2);
  const kernel = graph.parameters.get("image.patch_embed.proj.weight")!;
  expect(gradients(graph.outputs.get("loss")!, [kernel]).has(kernel)).toBe(true);
  const apart = await prepared("dualTower");
  expect(() => objective.feeds(apart)).toThrow(/dualTower predicts no tokens of text/);
});
