import type { DerivedRecipe, Ingredients } from "../../surveyed-method.ts";

/** What a small decoder of LLaMA's shape that learns to answer questions, all of it, is made of. */
export const answers: Ingredients = {
  architecture: "llama",
  objectives: ["nextToken"],
  task: "generation",
  methods: ["fullFineTuning"],
};

/** The same with a low-rank update. */
export const answersLora: Ingredients = { ...answers, methods: ["lora"] };

/** The recipe of answers to questions about health with one method, and with another network where one is given. */
export const englishWith = (
  method: Readonly<Record<string, unknown>>,
  backbone?: Readonly<Record<string, unknown>>,
): DerivedRecipe => ({
  base: "language/medical-answers",
  change: { ...(backbone === undefined ? {} : { backbone }), adaptation: { methods: [method] } },
});

/** All weights are tuned. */
export const full = { name: "fullFineTuning", layerDecay: 1 };
/** A low-rank update is trained. */
export const lowRank = { name: "lora", rank: 16, learningRate: 0.005 };

/** The recipe of answers to questions about health with all weights tuned. */
export const english = englishWith(full);
/** The recipe of answers to questions about health with a low-rank update. */
export const englishLora = englishWith(lowRank);

/** What its network is otherwise than in the papers. */
export const smallEnglish =
  "two layers of 128 units, pretrained on MedQuAD's documents and PubMedQA's abstracts and tuned on MedQuAD's questions: no model of billions of weights fits half an hour";
