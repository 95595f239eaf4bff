import { describe, expect, it } from "vitest";
import { z } from "zod";
import { VesaliusError } from "../common/errors.ts";
import { numbersColumn } from "../data/index.ts";
import { splitOf } from "../data/columns/columns.test.helper.ts";
import { decodeMeasured, encodeMeasured, measureAnswers } from "./measure-answers.ts";
import type { Predictor } from "./predictor.ts";
import type { Task } from "./task.ts";

const values = [1, 2, Number.NaN, 4, 5];
const split = splitOf({ value: numbersColumn(["value"], values.length, values) }, { name: "validation" });

/** Guesses a number; the measure is by how much it is off. */
const guessing = {
  name: "guessing",
  columns: ["value"],
  check: () => {},
  truth: ({ value }: { value: Float32Array }) => (Number.isNaN(value[0]) ? null : value[0]!),
  evaluation: {
    kind: "guessing",
    measure: (truth: number, answer: number | null) => ({ off: answer === null ? Infinity : answer - truth }),
    details: z.null(),
  },
  async *files(answers: AsyncIterable<{ id: string; answer: number | null }>) {
    let text = "";
    for await (const { id, answer } of answers) text += `${id} ${answer}\n`;
    yield { name: "guesses.txt", content: text };
  },
} as unknown as Task<number, number, { off: number }>;

/** Always answers 3, and declines the second example. */
const three = (count = values.length): Predictor<number> => ({
  async *predict({ ids }, { onProgress } = {}) {
    for (const [row, id] of ids.slice(0, count).entries()) {
      yield { id, answer: row === 1 ? null : 3, used: ["value"] };
      onProgress?.(row + 1, ids.length);
    }
  },
  release: () => Promise.resolve(),
});

describe("measureAnswers", () => {
  it("measures the cases whose truth is known, and counts what is missing", async () => {
    const seen: number[] = [];
    const measured = await measureAnswers(three(), guessing, split, { onProgress: (done) => seen.push(done) });
    expect(measured.measures).toEqual([{ off: 2 }, { off: Infinity }, { off: -1 }, { off: -2 }]);
    expect([...measured.rows]).toEqual([0, 1, 3, 4]);
    expect(measured).toMatchObject({ withoutAnswer: 1, withoutTruth: 1 });
    expect(seen).toEqual([1, 2, 3, 4, 5]);
  });

  it("writes the answers in the files of the field on the way", async () => {
    const files: { name: string; content: string | Uint8Array }[] = [];
    const measured = await measureAnswers(three(), guessing, split, { write: async (file) => void files.push(file) });
    expect(measured.measures).toHaveLength(4);
    expect(files).toEqual([
      { name: "guesses.txt", content: split.ids.map((id, row) => `${id} ${row === 1 ? null : 3}\n`).join("") },
    ]);
  });

  it("measures every case where the files need none", async () => {
    const without = { ...guessing, async *files() {} } as typeof guessing;
    expect((await measureAnswers(three(), without, split, { write: async () => {} })).measures).toHaveLength(4);
  });

  it("refuses answers that are fewer than the examples", async () => {
    await expect(measureAnswers(three(2), guessing, split)).rejects.toThrow(/2 of 5 examples were answered/);
  });
});

describe("measures as a file", () => {
  it("come back as they were", async () => {
    const measured = await measureAnswers(three(), guessing, split);
    expect(decodeMeasured(encodeMeasured("guessing", measured), "guessing", "m.json")).toEqual(measured);
  });

  it.each([
    ["{", "no valid JSON"],
    ["{}", "measures"],
    [
      encodeMeasured("survival", {
        rows: Int32Array.of(),
        measures: [],
        withoutAnswer: 0,
        withoutTruth: 0,
        seconds: 0,
      }),
      "kind",
    ],
  ])("are refused where they are none of that evaluation: %s", (text, message) => {
    expect(() => decodeMeasured(text, "guessing", "m.json")).toThrow(VesaliusError);
    expect(() => decodeMeasured(text, "guessing", "m.json")).toThrow(message);
  });
});
