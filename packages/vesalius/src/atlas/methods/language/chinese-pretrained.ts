import { arxiv, withDoi } from "../../paper.ts";
import type { SurveyedMethod } from "../../surveyed-method.ts";
import { chinese, chineseLora, learned, learnedLora, smallChinese } from "./chinese-recipe.ts";
import { llama13b } from "./published.ts";

const continued = {
  table: "I",
  subfield: "language",
  pretraining: ["generative"],
  adaptation: ["fineTuning"],
} as const;

/** Chinese language models of Table I that are pretrained further on medical text before they are tuned. */
export const chinesePretrained: readonly SurveyedMethod[] = [
  {
    ...continued,
    id: "zhongjing",
    name: "Zhongjing",
    paper: withDoi(
      "10.1609/aaai.v38i17.29907",
      "Zhongjing: Enhancing the Chinese Medical Capabilities of Large Language Model through Expert Feedback and Real-World Multi-Turn Dialogue",
      "Yang et al.",
      2024,
      "AAAI 38(17)",
    ),
    backbone: "Ziya-LLaMA",
    surveyTasks: ["QA", "DIAL"],
    published: { ...llama13b(39_424), checkpoint: "Suprit/Zhongjing-LLaMA-base" },
    uses: learnedLora,
    recipe: chineseLora,
    departs: [smallChinese, "the experts' ranking (proximal policy optimisation) is left out of this recipe"],
  },
  {
    ...continued,
    id: "qilin-med",
    name: "Qilin-Med",
    paper: arxiv(
      "2310.09089",
      "Qilin-Med: Multi-stage Knowledge Injection Advanced Medical Large Language Model",
      "Ye et al.",
      2023,
    ),
    backbone: "Baichuan",
    surveyTasks: ["QA"],
    uses: learnedLora,
    recipe: chineseLora,
    departs: [smallChinese, "direct preference optimisation, the paper's third stage, is left out of this recipe"],
  },
  {
    ...continued,
    id: "huatuogpt-ii",
    name: "HuatuoGPT-II",
    paper: arxiv("2311.09774", "HuatuoGPT-II, One-stage Training for Medical Adaption of LLMs", "Chen et al.", 2023),
    backbone: "Baichuan2",
    surveyTasks: ["QA"],
    uses: learned,
    recipe: chinese,
    departs: [smallChinese, "two stages where the paper turns its corpus into instructions and has one"],
  },
  {
    ...continued,
    id: "antplm-med-10b",
    name: "ANTPLM-Med-10B",
    paper: arxiv(
      "2312.01040",
      "From Beginner to Expert: Modeling Medical Knowledge into General LLMs",
      "Li et al.",
      2023,
    ),
    backbone: "AntGLM",
    surveyTasks: ["QA"],
    uses: learnedLora,
    recipe: chineseLora,
    departs: [smallChinese, "a causal decoder in place of a general language model with blanks (GLM)"],
  },
];
