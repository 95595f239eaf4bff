import { describe, expect, it } from "vitest";
import { randomStream } from "../../common/random.ts";
import { expressionsColumn, type Split, textsColumn, timelinesColumn, volumesColumn } from "../../data/index.ts";
import { type Backbone, createBackbone } from "../../models/index.ts";
import {
  denoising,
  maskedCodes,
  maskedExpression,
  maskedTokens,
  type Objective,
  pretrain,
  restoration,
  spanCorruption,
} from "../index.ts";

const splitOf = (columns: Split["columns"], length: number): Split => ({
  name: "train",
  length,
  ids: Array.from({ length }, (_, row) => `${row}`),
  groups: undefined,
  attributes: {},
  columns,
});

/** Sentences in which each word says the next one. */
function texts(length: number): Split {
  const words = ["heart", "rate", "was", "low", "and", "blood", "pressure", "high", "since", "monday"];
  const stream = randomStream(1, "texts");
  const made = Array.from({ length }, () => {
    const start = stream.integer(words.length);
    return Array.from({ length: 8 }, (_, i) => words[(start + i) % words.length]!).join(" ");
  });
  return splitOf({ text: textsColumn(made) }, length);
}

/** Cells of two kinds, whose genes are high or low together. */
function cells(length: number): Split {
  const stream = randomStream(2, "cells");
  const genes = Array.from({ length: 12 }, (_, gene) => `G${gene}`);
  const values = Float32Array.from({ length: length * 12 }, (_, i) => {
    const [row, gene] = [Math.floor(i / 12), i % 12];
    return 1 + ((row + gene) % 2 === 0 ? 4 : 0) + Math.abs(stream.normal()) / 5;
  });
  const starts = Float64Array.from({ length: length + 1 }, (_, row) => row * 12);
  const indices = Int32Array.from({ length: length * 12 }, (_, i) => i % 12);
  return splitOf({ expression: expressionsColumn(genes, starts, indices, values) }, length);
}

/** Patients of whom each visit's code says that of the next. */
function patients(length: number): Split {
  const stream = randomStream(4, "patients");
  const codes = Array.from({ length: 8 }, (_, i) => ({ category: "condition", system: "ICD-10", code: `C${i}` }));
  const records = Array.from({ length }, () => {
    const start = stream.integer(codes.length);
    return {
      events: Array.from({ length: 6 }, (_, i) => ({ code: (start + i) % codes.length, time: 30 * i, visit: i })),
      age: 20_000,
    };
  });
  return splitOf({ timeline: timelinesColumn(codes, records) }, length);
}

/** Smooth volumes. */
function volumes(length: number): Split {
  const stream = randomStream(3, "volumes");
  const affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
  const items = Array.from({ length }, () => {
    const [a, b] = [stream.uniform(), stream.uniform()];
    const data = Float32Array.from({ length: 512 }, (_, i) => Math.sin(a * (i >> 6)) + Math.cos(b * (i & 7)));
    return { channels: 1, extents: [8, 8, 8] as const, spacing: [1, 1, 1] as const, affine, data };
  });
  return splitOf({ image: volumesColumn(items) }, length);
}

const backbone = (name: string, settings: object, encoders?: Backbone["encoders"]): Backbone =>
  createBackbone({ name, ...settings }, encoders === undefined ? {} : { encoders });

interface Case {
  readonly name: string;
  readonly objective: Objective;
  readonly backbone: Backbone;
  readonly split: Split;
  /** Term that says what was learned, and what it reaches. */
  readonly term: string;
  readonly least: number;
  readonly options: { readonly epochs: number; readonly learningRate: number };
}

const restored = { text: { tokenizer: { name: "words", lowercase: true }, maximumLength: 24 } };

const cases: readonly Case[] = [
  {
    name: "masked tokens",
    objective: maskedTokens({ unit: "token" }),
    backbone: backbone(
      "bert",
      { width: 32, depth: 1, heads: 2, hiddenWidth: 64, maximumPositions: 16 },
      { text: { tokenizer: { name: "words", lowercase: true }, maximumLength: 16 } },
    ),
    split: texts(96),
    term: "accuracy",
    least: 0.3,
    options: { epochs: 40, learningRate: 5e-3 },
  },
  {
    name: "denoising",
    objective: denoising({ permuteSentences: false }),
    backbone: backbone("bart", { preset: "nano", width: 32, maximumPositions: 24 }, restored),
    split: texts(96),
    term: "accuracy",
    least: 0.5,
    options: { epochs: 12, learningRate: 1e-2 },
  },
  {
    name: "span corruption",
    objective: spanCorruption(),
    backbone: backbone("t5", { preset: "nano", width: 32 }, restored),
    split: texts(96),
    term: "accuracy",
    least: 0.4,
    options: { epochs: 12, learningRate: 1e-2 },
  },
  {
    name: "masked codes",
    objective: maskedCodes(),
    backbone: backbone("behrt", {
      width: 32,
      depth: 1,
      heads: 2,
      hiddenWidth: 64,
      maximumPositions: 16,
      dropout: 0,
      attentionDropout: 0,
      initializerRange: 0.2,
    }),
    split: patients(96),
    term: "accuracy",
    least: 0.5,
    options: { epochs: 25, learningRate: 5e-3 },
  },
  {
    name: "masked expression",
    objective: maskedExpression({ maskRatio: 0.3 }),
    backbone: backbone("geneTransformer", { width: 32, depth: 1, heads: 2, hiddenWidth: 32 }),
    split: cells(96),
    term: "explained",
    least: 0.5,
    options: { epochs: 30, learningRate: 5e-3 },
  },
  {
    name: "restoration",
    objective: restoration(),
    backbone: backbone("nnunet", { patch: [8, 8, 8], features: [8, 16], depths: [1, 1], decoderDepths: [1] }),
    split: volumes(16),
    term: "explained",
    least: 0.15,
    options: { epochs: 15, learningRate: 1e-2 },
  },
];

describe.each(cases)("$name", ({ objective, backbone: start, split, term, least, options }) => {
  const run = (learningRate: number) =>
    pretrain(start, objective, split, { ...options, learningRate, batchSize: 8, seed: 1, workers: 0, recordEvery: 10 });

  it("learns what its term says, which training without a learning rate does not", async () => {
    const { history } = (await run(options.learningRate)).pretraining.result;
    expect(history.at(-1)!.terms![term]).toBeGreaterThan(least);
    expect(history.at(-1)!.loss).toBeLessThan(history[0]!.loss);
    const idle = (await run(1e-30)).pretraining.result.history;
    expect(idle.at(-1)!.terms![term]).toBeLessThan(least);
  }, 120_000);
});
