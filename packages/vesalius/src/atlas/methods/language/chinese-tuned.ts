import { arxiv, withDoi } from "../../paper.ts";
import type { DerivedRecipe, SurveyedMethod } from "../../surveyed-method.ts";
import { llama7b } from "./published.ts";

const continued = { table: "I", subfield: "language", pretraining: [], adaptation: ["fineTuning"] } as const;
const learned = {
  architecture: "gpt2",
  objectives: ["nextToken"],
  task: "generation",
  methods: ["fullFineTuning"],
} as const;
const learnedLora = { ...learned, methods: ["lora"] } as const;

const chinese: DerivedRecipe = {
  base: "language/chinese-instructions",
  change: { adaptation: { methods: [{ name: "fullFineTuning", layerDecay: 1 }] } },
};
const chineseLora: DerivedRecipe = {
  base: "language/chinese-instructions",
  change: { adaptation: { methods: [{ name: "lora", rank: 16, learningRate: 0.005 }] } },
};

const smallChinese =
  "a GPT-2 of two layers and 128 units, pretrained and tuned on CMeKG-8K alone: no model of billions of weights fits half an hour";

/** Chinese language models of Table I that are tuned on instructions and conversations. */
export const chineseTuned: readonly SurveyedMethod[] = [
  {
    ...continued,
    id: "bentsao",
    name: "BenTsao",
    paper: arxiv("2304.06975", "HuaTuo: Tuning LLaMA Model with Chinese Medical Knowledge", "Wang et al.", 2023),
    backbone: "LLaMA",
    surveyTasks: ["QA"],
    published: llama7b,
    uses: learnedLora,
    recipe: chineseLora,
    departs: [smallChinese],
  },
  {
    ...continued,
    id: "huatuogpt",
    name: "HuatuoGPT",
    paper: withDoi(
      "10.18653/v1/2023.findings-emnlp.725",
      "HuatuoGPT, Towards Taming Language Model to Be a Doctor",
      "Zhang et al.",
      2023,
      "Findings of EMNLP 2023",
    ),
    backbone: "Baichuan",
    surveyTasks: ["QA", "DIAL"],
    uses: learned,
    recipe: chinese,
    departs: [smallChinese, "no reinforcement from a model's ranking of answers"],
  },
  {
    ...continued,
    id: "gpt-doctor",
    name: "GPT-Doctor",
    paper: arxiv(
      "2312.10225",
      "GPT-doctor: Customizing Large Language Models for Medical Consultation",
      "Wang et al.",
      2023,
    ),
    backbone: "Baichuan2",
    surveyTasks: ["DIAL"],
    uses: learnedLora,
    recipe: chineseLora,
    departs: [smallChinese],
  },
  {
    ...continued,
    id: "doctorglm",
    name: "DoctorGLM",
    paper: arxiv(
      "2304.01097",
      "DoctorGLM: Fine-tuning your Chinese Doctor is not a Herculean Task",
      "Xiong et al.",
      2023,
    ),
    backbone: "ChatGLM",
    surveyTasks: ["QA"],
    uses: learnedLora,
    recipe: chineseLora,
    departs: [smallChinese, "a causal decoder in place of ChatGLM"],
  },
  {
    ...continued,
    id: "bianque",
    name: "Bianque",
    paper: arxiv(
      "2310.15896",
      "BianQue: Balancing the Questioning and Suggestion Ability of Health LLMs with Multi-turn Health Conversations Polished by ChatGPT",
      "Chen et al.",
      2023,
    ),
    backbone: "ChatGLM",
    surveyTasks: ["QA"],
    uses: learned,
    recipe: chinese,
    departs: [smallChinese, "single questions, not conversations in which the doctor asks back"],
  },
  {
    ...continued,
    id: "taiyi",
    name: "Taiyi",
    paper: withDoi(
      "10.1093/jamia/ocae037",
      "Taiyi: a bilingual fine-tuned large language model for diverse biomedical tasks",
      "Luo et al.",
      2024,
      "Journal of the American Medical Informatics Association 31(9)",
    ),
    backbone: "Qwen",
    surveyTasks: ["NER", "RE", "TC", "QA"],
    uses: learnedLora,
    recipe: chineseLora,
    departs: [smallChinese, "Chinese alone, one task"],
    note: "The survey dates the paper 2023, the year of its preprint.",
  },
  {
    ...continued,
    id: "clinicalgpt",
    name: "ClinicalGPT",
    paper: arxiv(
      "2306.09968",
      "ClinicalGPT: Large Language Models Finetuned with Diverse Medical Data and Comprehensive Evaluation",
      "Wang et al.",
      2023,
    ),
    backbone: "BLOOM",
    surveyTasks: ["QA", "DIAL"],
    uses: learnedLora,
    recipe: chineseLora,
    departs: [smallChinese, "rotary positions where BLOOM has ALiBi", "no reinforcement from ranked answers"],
  },
];
