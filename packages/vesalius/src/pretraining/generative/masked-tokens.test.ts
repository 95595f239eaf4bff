import { expect, it } from "vitest";
import { textsColumn } from "../../data/index.ts";
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
