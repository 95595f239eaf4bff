import type { DerivedRecipe, Ingredients } from "../../surveyed-method.ts";

/** What a small decoder that learns Chinese instructions, all of it, is made of. */
export const learned: Ingredients = {
  architecture: "gpt2",
  objectives: ["nextToken"],
  task: "generation",
  methods: ["fullFineTuning"],
};

/** The same with a low-rank update. */
export const learnedLora: Ingredients = { ...learned, methods: ["lora"] };

const withMethod = (method: Readonly<Record<string, unknown>>): DerivedRecipe => ({
  base: "language/chinese-instructions",
  change: { adaptation: { methods: [method] } },
});

/** The recipe of Chinese instructions with all weights tuned. */
export const chinese = withMethod({ name: "fullFineTuning", layerDecay: 1 });

/** The recipe of Chinese instructions with a low-rank update. */
export const chineseLora = withMethod({ name: "lora", rank: 16, learningRate: 0.005 });

/** What its network is otherwise than in the papers. */
export const smallChinese =
  "a GPT-2 of two layers and 128 units, pretrained and tuned on CMeKG-8K alone: no model of billions of weights fits half an hour";
