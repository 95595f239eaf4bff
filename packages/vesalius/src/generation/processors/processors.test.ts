import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { logSoftmax } from "../probabilities.ts";
import {
  applyProcessors,
  type LogitsProcessor,
  minimumNewTokens,
  noRepeatNgram,
  repetitionPenalty,
  temperature,
  topK,
  topP,
} from "./index.ts";

const vocabulary = 8;
const logitsArbitrary = fc
  .array(fc.float({ min: -20, max: 20, noNaN: true }), { minLength: vocabulary, maxLength: vocabulary })
  .map((values) => Float32Array.from(values));
const tokensArbitrary = fc.array(fc.nat(vocabulary - 1), { minLength: 1, maxLength: 20 });
const nothing = { tokens: [], written: 0 };
const kept = (logits: Float32Array): number[] => [...logits.keys()].filter((token) => logits[token] !== -Infinity);
const probability = (logits: Float32Array, tokens: readonly number[]): number =>
  tokens.reduce((sum, token) => sum + Math.exp(logSoftmax(logits)[token]!), 0);

test("no processor changes the logits that it is given, nor their number", () => {
  const processors: LogitsProcessor[] = [
    repetitionPenalty(1.3),
    noRepeatNgram(2),
    minimumNewTokens(3, [1]),
    temperature(0.7),
    topK(3),
    topP(0.8),
  ];
  fc.assert(
    fc.property(logitsArbitrary, tokensArbitrary, (logits, tokens) => {
      const before = logits.slice();
      const after = applyProcessors(processors, logits, { tokens, written: tokens.length });
      expect(logits).toEqual(before);
      expect(after).toHaveLength(vocabulary);
    }),
  );
});

describe("repetition penalty", () => {
  test("makes exactly the tokens of the text less likely", () => {
    fc.assert(
      fc.property(
        logitsArbitrary,
        tokensArbitrary,
        fc.double({ min: 1.01, max: 5, noNaN: true }),
        (logits, tokens, penalty) => {
          const after = repetitionPenalty(penalty)(logits, { tokens, written: 0 });
          for (const [token, logit] of logits.entries())
            if (tokens.includes(token)) expect(after[token]).toBeLessThanOrEqual(logit);
            else expect(after[token]).toBe(logit);
        },
      ),
    );
  });

  test("divides what is positive and multiplies what is negative, once", () => {
    const after = repetitionPenalty(2)(Float32Array.of(4, -4, 1), { tokens: [0, 0, 1], written: 0 });
    expect([...after]).toEqual([2, -8, 1]);
  });
});

describe("no repeated n-gram", () => {
  test("a token is forbidden exactly when it would complete a sequence that the text has", () => {
    fc.assert(
      fc.property(tokensArbitrary, fc.integer({ min: 1, max: 4 }), (tokens, size) => {
        const after = noRepeatNgram(size)(new Float32Array(vocabulary), { tokens, written: 0 });
        const grams = new Set<string>();
        for (let i = 0; i + size <= tokens.length; i++) grams.add(tokens.slice(i, i + size).join());
        for (let token = 0; token < vocabulary; token++) {
          const completed = [...tokens, token].slice(-size).join();
          const repeats = tokens.length >= size - 1 && grams.has(completed);
          expect(after[token] === -Infinity).toBe(repeats);
        }
      }),
    );
  });
});

test("end tokens are forbidden until there are enough new ones", () => {
  const logits = Float32Array.of(1, 2, 3);
  const process = minimumNewTokens(2, [2]);
  expect([...process(logits, { tokens: [0, 1], written: 1 })]).toEqual([1, 2, -Infinity]);
  expect([...process(logits, { tokens: [0, 1, 1], written: 2 })]).toEqual([1, 2, 3]);
});

test("a temperature keeps the order, and sharpens below 1", () => {
  fc.assert(
    fc.property(logitsArbitrary, fc.double({ min: 0.1, max: 0.9, noNaN: true }), (logits, value) => {
      const likeliest = [logits.indexOf(Math.max(...logits))];
      const sharper = probability(temperature(value)(logits, nothing), likeliest);
      expect(sharper).toBeGreaterThanOrEqual(probability(logits, likeliest) - 1e-6);
    }),
  );
});

test("top-k keeps the k largest", () => {
  fc.assert(
    fc.property(logitsArbitrary, fc.integer({ min: 1, max: vocabulary + 2 }), (logits, count) => {
      const after = topK(count)(logits, nothing);
      const inside = kept(after);
      expect(inside).toHaveLength(Math.min(count, vocabulary));
      for (const token of inside) expect(after[token]).toBe(logits[token]);
      const smallest = Math.min(...inside.map((token) => logits[token]!));
      for (const [token, logit] of logits.entries())
        if (!inside.includes(token)) expect(logit).toBeLessThanOrEqual(smallest);
    }),
  );
});

test("top-p keeps the smallest set of that probability", () => {
  fc.assert(
    fc.property(logitsArbitrary, fc.double({ min: 0.05, max: 0.99, noNaN: true }), (logits, mass) => {
      const inside = kept(topP(mass)(logits, nothing));
      expect(probability(logits, inside)).toBeGreaterThanOrEqual(mass - 1e-6);
      // No set with one token fewer reaches it: not even that of the most likely ones.
      const fewer = [...inside].sort((a, b) => logits[b]! - logits[a]!).slice(0, -1);
      expect(probability(logits, fewer)).toBeLessThan(mass + 1e-6);
      for (const [token, logit] of logits.entries())
        if (!inside.includes(token)) expect(logit).toBeLessThanOrEqual(Math.min(...inside.map((i) => logits[i]!)));
    }),
  );
});

test("top-p does not bring back what is forbidden", () => {
  expect(kept(topP(1)(Float32Array.of(0, -Infinity, 0), nothing))).toEqual([0, 2]);
});
