import { wordsOf } from "../../../tasks/index.ts";

/** Words of English and Chinese questions that say nothing of what is asked about. */
const functionWords = new Set(
  (
    "a an the of is are was were be been am do does did done what which who whom whose how when where why can could should " +
    "would will may might must shall to for in on at by with from into about as and or but not no nor if than then so i me " +
    "my we us our you your he she him her his it its they them their there this that these those have has had some any all " +
    "get got please tell know want need " +
    "的 了 是 吗 呢 么 吧 啊 我 你 您 他 她 它 们 什 怎 哪 谁 请 问 有 没 会 能 可 以 要 该 在 和 与 或 就 都 也 这 那 个"
  ).split(" "),
);

/**
 * A plural as its singular, for words of English: the three rules of Harman 1991 (How effective is suffixing?), which leave
 * everything else alone.
 */
export function singular(word: string): string {
  if (word.length > 3 && word.endsWith("ies") && !/[ae]ies$/.test(word)) return `${word.slice(0, -3)}y`;
  if (word.length > 3 && word.endsWith("es") && !/[aeo]es$/.test(word)) return word.slice(0, -1);
  return word.length > 2 && word.endsWith("s") && !/[us]s$/.test(word) ? word.slice(0, -1) : word;
}

/** Words of a text for finding it: as for BM25, in the singular. */
export const searchWords = (text: string): string[] => wordsOf(text).map(singular);

/** Different words of a question that say what is asked about. */
export const contentWords = (question: string): string[] => [
  ...new Set(searchWords(question).filter((word) => !functionWords.has(word))),
];

/** Words that ask about one side of a disease or drug, whatever it is: they are no topic of their own. */
const aspectWords = new Set(
  (
    "symptom sign cause caused causing risk factor treat treated treatment treating therapy diagnose diagnosed diagnosis test exam " +
    "prevent prevented prevention prognosis outlook research clinical trial inherited genetic change complication common affect " +
    "happen information drug medicine dose side effect long last stage 症状 原因 治 疗 诊 断 预 防 检 查 方 法"
  ).split(" "),
);

/** Weight of a word among those that say what a question is about, from 0 to 1. */
export const topicWeight = (word: string): number => (aspectWords.has(word) ? 0.25 : 1);
