import type { PublishedNetwork } from "../../surveyed-method.ts";

/** BERT-base: 12 layers of 768 units (Devlin et al. 2019). */
export const bertBase = (vocabularySize: number): PublishedNetwork => ({
  architecture: "bert",
  settings: { width: 768, depth: 12, heads: 12, hiddenWidth: 3072, vocabularySize },
});

/** BERT-large: 24 layers of 1,024 units. */
export const bertLarge = (vocabularySize: number): PublishedNetwork => ({
  architecture: "bert",
  settings: { width: 1024, depth: 24, heads: 16, hiddenWidth: 4096, vocabularySize },
});

/** LLaMA and LLaMA-2 of 7 billion parameters (Touvron et al. 2023). */
export const llama7b: PublishedNetwork = {
  architecture: "llama",
  settings: { width: 4096, depth: 32, heads: 32, hiddenWidth: 11_008, vocabularySize: 32_000 },
};

/** LLaMA and LLaMA-2 of 13 billion parameters; `vocabularySize` where a model extended it. */
export const llama13b = (vocabularySize = 32_000): PublishedNetwork => ({
  architecture: "llama",
  settings: { width: 5120, depth: 40, heads: 40, hiddenWidth: 13_824, vocabularySize },
});

/** LLaMA-2 of 70 billion parameters (Touvron et al. 2023). */
export const llama70b: PublishedNetwork = {
  architecture: "llama",
  settings: { width: 8192, depth: 80, heads: 64, keyValueHeads: 8, hiddenWidth: 28_672, vocabularySize: 32_000 },
};

/** Mistral of 7 billion parameters (Jiang et al. 2023). */
export const mistral7b: PublishedNetwork = {
  architecture: "llama",
  settings: { width: 4096, depth: 32, heads: 32, keyValueHeads: 8, hiddenWidth: 14_336, vocabularySize: 32_000 },
};

/** Mixtral of eight experts (Jiang et al. 2024). */
export const mixtral8x7b: PublishedNetwork = {
  architecture: "mixtral",
  settings: {
    width: 4096,
    depth: 32,
    heads: 32,
    keyValueHeads: 8,
    hiddenWidth: 14_336,
    vocabularySize: 32_000,
    experts: 8,
    expertsPerToken: 2,
  },
};
