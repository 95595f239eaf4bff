export { type BleuOptions, type BleuScore, type BleuSmoothing, bleuStatistic } from "./bleu.ts";
export { type BleuTokenization } from "./bleu-tokens.ts";
export { byteNgrams, type ByteNgrams } from "./byte-ngrams.ts";
export { type ChrfOptions, chrfStatistic } from "./chrf.ts";
export { type GeneratedText } from "./ngrams.ts";
export { type RougeScores, rougeScores, rougeStatistic, type RougeTokens } from "./rouge.ts";
