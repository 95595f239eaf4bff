import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkedQuestions, differencesOf, lexicalRewriter, readabilityOf } from "vesalius/applications";
import { sentencesOf, wilsonInterval } from "vesalius/evaluation";
import { median, plain } from "./measuring/figures.ts";
import { corruptions, sameMeaning } from "./education/corruptions.ts";
import type { Measure } from "./result.ts";

/** How the figures come about, for whoever reads a result. */
export const educationMethod =
  "Answers of MedQuAD, read from VESALIUS_DATA. Checks: sentences with a number, unit or negation are corrupted by rule (a " +
  "number changed or left out, a unit replaced, a negation taken out or put in) and should be found; the same sentences " +
  "written otherwise with the same meaning (units spelled out, small numbers in words, not as n't, plain words) should not. Precision is " +
  "over as many of both. Plain words: the lexical rewriting of whole answers. Questions: of passages of five sentences, by words " +
  "alone. Intervals are Wilson's by sentence or passage; sentences of one document are not independent.";

const share = (name: string, right: number, count: number): Measure => ({
  ...plain(name, right / count, "share"),
  ...wilsonInterval(right / count, count),
});

function answersOf(quick: boolean): string[] {
  const root = process.env["VESALIUS_DATA"];
  if (root === undefined) throw new Error("set VESALIUS_DATA to the folder of datasets; MedQuAD lies in open/medquad");
  const lines = readFileSync(join(root, "open", "medquad", "corpus.jsonl"), "utf8")
    .trim()
    .split("\n");
  const texts = lines.map((line) => (JSON.parse(line) as { text: string }).text);
  return texts.filter((_, i) => i % (quick ? 500 : 10) === 0);
}

async function checks(sentences: readonly string[]): Promise<Measure[]> {
  const wrong = (source: string, rewriting: string) => differencesOf(source, rewriting).length > 0;
  const measures: Measure[] = [];
  let [found, made] = [0, 0];
  for (const { name, corrupt } of corruptions) {
    const pairs = sentences.flatMap((source) => {
      const changed = corrupt(source);
      return changed === undefined ? [] : [{ source, changed }];
    });
    const caught = pairs.filter(({ source, changed }) => wrong(source, changed)).length;
    if (pairs.length > 0) measures.push(share(`found: ${name}`, caught, pairs.length));
    found += caught;
    made += pairs.length;
  }
  let [alarms, kept] = [0, 0];
  for (const { name, rewrite } of sameMeaning) {
    const all = await Promise.all(sentences.map(async (source) => ({ source, written: await rewrite(source) })));
    const pairs = all.filter(({ source, written }) => written !== source);
    const alarmed = pairs.filter(({ source, written }) => wrong(source, written)).length;
    if (pairs.length > 0) measures.push(share(`false alarm: ${name}`, alarmed, pairs.length));
    alarms += alarmed;
    kept += pairs.length;
  }
  const [recall, alarm] = [found / made, alarms / kept];
  return [
    share("checks: recall", found, made),
    share("checks: false alarms", alarms, kept),
    plain("checks: precision", recall / (recall + alarm), "share"),
    ...measures,
  ];
}

async function plainWordsOf(texts: readonly string[]): Promise<Measure[]> {
  const rewriter = lexicalRewriter();
  const grades: { before: number; after: number }[] = [];
  let faithful = 0;
  for (const text of texts) {
    const { text: written } = await rewriter.rewrite(text);
    const [before, after] = [readabilityOf(text), readabilityOf(written)];
    if (before?.fleschKincaidGrade === undefined || after?.fleschKincaidGrade === undefined) continue;
    grades.push({ before: before.fleschKincaidGrade, after: after.fleschKincaidGrade });
    if (differencesOf(text, written).length === 0) faithful++;
  }
  return [
    plain("plain words: grade before, median", median(grades.map(({ before }) => before)), ""),
    plain("plain words: grade after, median", median(grades.map(({ after }) => after)), ""),
    share("plain words: no difference found", faithful, grades.length),
  ];
}

async function questionsOf(passages: readonly string[]): Promise<Measure[]> {
  let [some, given, dropped] = [0, 0, 0];
  for (const passage of passages) {
    const found = await checkedQuestions(passage, 5);
    if (found.questions.length > 0) some++;
    given += found.questions.length;
    dropped += found.dropped;
  }
  return [
    share("questions: passages with at least one", some, passages.length),
    plain("questions: of a passage", given / passages.length, ""),
    plain("questions: dropped by the check", dropped / (given + dropped), "share"),
  ];
}

/** Measures the application education on open data; quick figures are those of a few texts. */
export async function measureEducation(quick: boolean): Promise<Measure[]> {
  const texts = answersOf(quick);
  const sentences = texts.map((text) => sentencesOf(text));
  const readable = sentences.flat().filter((one) => one.length >= 30 && one.length <= 300);
  return [
    ...(await checks(readable)),
    ...(await plainWordsOf(texts.filter((text) => text.length >= 100))),
    ...(await questionsOf(sentences.map((all) => all.slice(0, 5).join(" ")))),
  ];
}
