import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { expectedOf, expectMetric, metricCases, type MetricCase } from "../../../testing/metric-cases.node.ts";
import { type BleuOptions, bleuStatistic } from "./bleu.ts";
import { chrfStatistic } from "./chrf.ts";
import { type GeneratedText } from "./ngrams.ts";
import { porterStem } from "./porter-stemmer.ts";
import { rougeScores, rougeStatistic } from "./rouge.ts";

function textsOf({ inputs }: MetricCase): GeneratedText[] {
  const streams = z.array(z.array(z.string())).parse(inputs["references"]);
  return z
    .array(z.string())
    .parse(inputs["hypotheses"])
    .map((hypothesis, row) => ({ hypothesis, references: streams.map((stream) => stream[row]!) }));
}

const bleuVariants: Record<string, BleuOptions> = {
  bleu: {},
  bleu_lowercase: { lowercase: true },
  bleu_floor: { smoothing: "floor" },
  bleu_add_k: { smoothing: "add-one" },
  bleu_none: { smoothing: "none" },
  bleu_char: { tokenization: "character" },
  bleu_zh: { tokenization: "zh" },
};

describe("sacrebleu gives the same", () => {
  test.each(metricCases("bleu"))("BLEU: $id", (one) => {
    const expected = expectedOf(one);
    const texts = textsOf(one);
    const variants = Object.keys(expected).filter((name) => name !== "sentence_bleu_effective_order");
    expect(variants.sort()).toEqual(Object.keys(bleuVariants).sort());
    for (const name of variants) {
      const { score, precisions, bp } = z
        .object({ score: z.number(), precisions: z.array(z.number()), bp: z.number() })
        .parse(expected[name]);
      const found = bleuStatistic(texts, bleuVariants[name])();
      expectMetric(() => 100 * found.score, score, 1e-6, name);
      expectMetric(() => found.brevityPenalty, bp, 1e-6, name);
      for (const [i, value] of precisions.entries()) expectMetric(() => 100 * found.precisions[i]!, value, 1e-6, name);
    }
    for (const [i, value] of z.array(z.number()).parse(expected["sentence_bleu_effective_order"]).entries()) {
      expectMetric(() => 100 * bleuStatistic([texts[i]!], { effectiveOrder: true })().score, value);
    }
  });

  test.each(metricCases("chrf"))("chrF: $id", (one) => {
    const expected = expectedOf(one);
    const texts = textsOf(one);
    expectMetric(() => 100 * chrfStatistic(texts)(), expected["chrf"]);
    expectMetric(() => 100 * chrfStatistic(texts, { wordOrder: 2 })(), expected["chrf_pp"]);
    expectMetric(() => 100 * chrfStatistic(texts, { whitespace: true })(), expected["chrf_whitespace"]);
    for (const [i, value] of z.array(z.number()).parse(expected["sentence_chrf"]).entries()) {
      expectMetric(() => 100 * chrfStatistic([texts[i]!])(), value);
    }
  });
});

describe("rouge_score gives the same", () => {
  test.each(metricCases("rouge"))("$id", (one) => {
    const scores = rougeScores(z.string().parse(one.inputs["prediction"]), z.string().parse(one.inputs["target"]), {
      stem: z.boolean().parse(one.options["use_stemmer"]),
    });
    const expected = z.record(z.string(), z.record(z.string(), z.number())).parse(one.expected);
    expect(Object.keys(expected).sort()).toEqual(Object.keys(scores).sort());
    for (const name of Object.keys(scores) as (keyof typeof scores)[]) {
      expectMetric(() => scores[name].precision, expected[name]!["precision"]);
      expectMetric(() => scores[name].recall, expected[name]!["recall"]);
      expectMetric(() => scores[name].f1, expected[name]!["f"]);
    }
  });
});

describe("porterStem", () => {
  // The examples of Porter's paper, step by step, and NLTK's extensions.
  test.each(
    (
      "caresses:caress ponies:poni ties:tie cats:cat feed:feed agreed:agre plastered:plaster bled:bled motoring:motor " +
      "sing:sing conflated:conflat troubled:troubl sized:size hopping:hop tanned:tan falling:fall hissing:hiss fizzed:fizz " +
      "failing:fail filing:file happy:happi sky:sky relational:relat conditional:condit rational:ration valenci:valenc " +
      "digitizer:digit radically:radic differently:differ vilely:vile analogously:analog vietnamization:vietnam " +
      "predication:predic operator:oper feudalism:feudal decisiveness:decis hopefulness:hope callousness:callous " +
      "formality:formal sensitivity:sensit sensibility:sensibl triplicate:triplic formative:form formalize:formal " +
      "electricity:electr electrical:electr hopeful:hope goodness:good revival:reviv allowance:allow inference:infer " +
      "airliner:airlin adjustable:adjust defensible:defens irritant:irrit replacement:replac adjustment:adjust " +
      "dependent:depend adoption:adopt communism:commun activate:activ homologous:homolog effective:effect bowdlerize:bowdler " +
      "probate:probat rate:rate cease:ceas controll:control roll:roll dying:die died:die enjoy:enjoy cry:cri by:by " +
      "pathology:patholog"
    )
      .split(" ")
      .map((pair) => pair.split(":")),
  )("%s becomes %s", (word, stem) => {
    expect(porterStem(word)).toBe(stem);
  });
});

const words = fc.array(fc.constantFrom("no", "acute", "effusion", "of", "the", "lung"), { minLength: 1, maxLength: 8 });
const text = words.map((drawn) => drawn.join(" "));
const generated = fc.record({ hypothesis: text, references: fc.array(text, { minLength: 1, maxLength: 2 }) });

describe("text metrics", () => {
  test("are 1 for the reference itself, and weigh a case as if it were repeated", () => {
    const weighted = fc.array(fc.tuple(generated, fc.integer({ min: 0, max: 3 })), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(weighted, (drawn) => {
        const cases = drawn.map(([one]) => one);
        const weights = drawn.map(([, weight]) => weight);
        const same = cases.map(({ hypothesis }) => ({ hypothesis, references: [hypothesis, "another text"] }));
        expect(chrfStatistic(same)()).toBeCloseTo(1, 12);
        expect(bleuStatistic([same[0]!], { effectiveOrder: true })().score).toBeCloseTo(1, 12);
        const copies = cases.flatMap((one, row) => Array.from({ length: weights[row]! }, () => one));
        if (copies.length === 0) return;
        expect(bleuStatistic(cases)(weights).score).toBeCloseTo(bleuStatistic(copies)().score, 12);
        expect(chrfStatistic(cases)(weights)).toBeCloseTo(chrfStatistic(copies)(), 12);
        const rouge = (some: readonly GeneratedText[]) =>
          rougeStatistic(some.map(({ hypothesis, references }) => rougeScores(hypothesis, references[0]!)));
        expect(rouge(cases)(weights).rougeL).toBeCloseTo(rouge(copies)().rougeL, 12);
      }),
    );
  });

  test("refuse no cases and a case without a reference", () => {
    for (const statistic of [bleuStatistic, chrfStatistic]) {
      expect(() => statistic([])).toThrow(expect.objectContaining({ code: "bad-data" }));
      expect(() => statistic([{ hypothesis: "", references: [] }])).toThrow(/case 0/);
    }
    expect(() => rougeStatistic([])).toThrow(expect.objectContaining({ code: "bad-data" }));
  });
});
