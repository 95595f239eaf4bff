import { arxiv, withDoi } from "../../paper.ts";
import type { SurveyedMethod } from "../../surveyed-method.ts";
import { answers, answersLora, english, englishWith, lowRank, smallEnglish } from "./english-recipe.ts";
import { llama7b, mixtral8x7b } from "./published.ts";

const tuned = { table: "I", subfield: "language", pretraining: [], adaptation: ["fineTuning"] } as const;

/** English language models of Table I that are tuned on instructions and conversations. */
export const englishTuned: readonly SurveyedMethod[] = [
  {
    ...tuned,
    id: "chatdoctor",
    name: "ChatDoctor",
    paper: withDoi(
      "10.7759/cureus.40895",
      "ChatDoctor: A Medical Chat Model Fine-Tuned on a Large Language Model Meta-AI (LLaMA) Using Medical Domain Knowledge",
      "Li et al.",
      2023,
      "Cureus 15(6)",
    ),
    backbone: "LLaMA",
    surveyTasks: ["QA"],
    published: { ...llama7b, checkpoint: "zl111/ChatDoctor" },
    uses: answers,
    recipe: english,
    departs: [
      smallEnglish,
      "questions to public agencies in place of 100,000 conversations with doctors; no look-up of facts",
    ],
  },
  {
    ...tuned,
    id: "medalpaca",
    name: "MedAlpaca",
    paper: arxiv(
      "2304.08247",
      "MedAlpaca -- An Open-Source Collection of Medical Conversational AI Models and Training Data",
      "Han et al.",
      2023,
    ),
    backbone: "LLaMA",
    surveyTasks: ["QA"],
    published: { ...llama7b, checkpoint: "medalpaca/medalpaca-7b" },
    uses: answers,
    recipe: english,
    departs: [smallEnglish, "one of the kinds of question and answer that the paper collects"],
  },
  {
    ...tuned,
    id: "alpacare",
    name: "Alpacare",
    paper: arxiv(
      "2310.14558",
      "AlpaCare: Instruction-tuned Large Language Models for Medical Application",
      "Zhang et al.",
      2023,
    ),
    backbone: "LLaMA/LLaMA-2",
    surveyTasks: ["QA"],
    published: { ...llama7b, checkpoint: "xz97/AlpaCare-llama2-7b" },
    uses: answers,
    recipe: english,
    departs: [smallEnglish, "no instructions that a larger model made up from a few of experts"],
  },
  {
    ...tuned,
    id: "medpalm",
    name: "MedPaLM",
    paper: withDoi(
      "10.1038/s41586-023-06291-2",
      "Large language models encode clinical knowledge",
      "Singhal et al.",
      2023,
      "Nature 620",
    ),
    backbone: "PaLM",
    surveyTasks: ["QA"],
    uses: { ...answers, methods: ["promptTuning"] },
    recipe: englishWith({ name: "promptTuning", learningRate: 0.02 }),
    departs: [smallEnglish, "prompts alone, without the paper's examples by experts"],
    note: "The survey lists fine-tuning; the paper trains soft prompts in front of a frozen model (instruction prompt tuning).",
  },
  {
    ...tuned,
    id: "medpalm-2",
    name: "MedPaLM 2",
    paper: arxiv(
      "2305.09617",
      "Towards Expert-Level Medical Question Answering with Large Language Models",
      "Singhal et al.",
      2023,
    ),
    backbone: "PaLM-2",
    surveyTasks: ["QA"],
    uses: answers,
    recipe: english,
    departs: [smallEnglish, "no ensemble refinement of several answers"],
  },
  {
    ...tuned,
    id: "bimedix",
    name: "BiMediX",
    paper: arxiv("2402.13253", "BiMediX: Bilingual Medical Mixture of Experts LLM", "Pieri et al.", 2024),
    backbone: "Mistral",
    surveyTasks: ["QA"],
    published: { ...mixtral8x7b, checkpoint: "BiMediX/BiMediX-Bi" },
    uses: { ...answersLora, architecture: "mixtral" },
    recipe: englishWith(lowRank, { name: "mixtral" }),
    departs: [
      "four experts in two layers of 128 units, pretrained on MedQuAD's documents and PubMedQA's abstracts",
      "English alone, where the paper has Arabic too; the base is not stored in 4 bits",
    ],
  },
];
