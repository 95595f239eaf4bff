import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type TimelineRecord, timelinesColumn } from "../columns/timelines.ts";
import { failure } from "../data.test.helper.ts";
import { encodeAll, fitted, numbersOf } from "./encoding.test.helper.ts";

const codes = Array.from({ length: 8 }, (_, i) => ({
  category: i < 6 ? "condition" : "visit",
  system: "ICD-10",
  code: `C${i}`,
}));
const year = 365.25;
const event = (code: number, time: number, visit: number, value?: number) => ({
  code,
  time,
  visit,
  ...(value === undefined ? {} : { value, unit: "g" }),
});
const column = (...records: TimelineRecord[]) => timelinesColumn(codes, records);
const encoded = async (spec: object, records: TimelineRecord[], length: number, name = "timelineTokens") => {
  const batch = await encodeAll(
    { columns: ["timeline"], encoder: { name, ...spec } },
    { timeline: column(...records) },
    { extents: { it: [length] } },
  );
  return (input: string) => numbersOf(batch, `it.${input}`);
};
const vocabulary = codes.slice(0, 4).map(({ category, system, code }) => `${category}|${system}|${code}`);

describe("timeline tokens", () => {
  it("are a start token and the codes of each visit, with age, segment and number of the visit", async () => {
    const record = { events: [event(0, 0, 0), event(1, 0, 0), event(5, 2 * year, 1)], age: 40.5 * year, end: 3 * year };
    const read = await encoded({ vocabulary }, [record], 8);
    // [CLS] C0 C1 [SEP] [UNK] [SEP]; codes begin at 5.
    expect(read("tokens")).toEqual([3, 5, 6, 2, 1, 2, 0, 0]);
    expect(read("mask")).toEqual([1, 1, 1, 1, 1, 1, 0, 0]);
    expect(read("segments")).toEqual([0, 0, 0, 0, 1, 1, 0, 0]);
    expect(read("positions")).toEqual([0, 0, 0, 0, 1, 1, 0, 0]);
    // Rows of the table begin at 1 for age 0; the start token has the age at the time of prediction.
    expect(read("ages")).toEqual([44, 41, 41, 41, 43, 43, 0, 0]);
    const [, months] = (await encoded({ vocabulary, ageUnit: "month" }, [record], 8))("ages");
    expect(months).toBe(40.5 * 12 + 1);
  });

  it("leave out the oldest where there are too many, and say so", async () => {
    const record = { events: [event(0, 0, 0), event(1, 1, 1), event(2, 2, 2)] };
    const read = await encoded({ vocabulary, maximumLength: 5 }, [record], 5);
    expect(read("tokens")).toEqual([3, 6, 2, 7, 2]);
    expect(read("positions")).toEqual([0, 0, 0, 1, 1]);
    await expect(encoded({ vocabulary, maximumLength: 5, overlong: "refuse" }, [record], 5)).rejects.toThrow(
      /7 tokens/,
    );
  });

  it("are those of the categories and of the last time in a visit; days are visits where none is stated", async () => {
    const record = { events: [event(0, 0, 0), event(6, 0, 0), event(0, 0.5, 0), event(1, 1.2, -1), event(1, 1.9, -1)] };
    const read = await encoded({ vocabulary, categories: ["condition"] }, [record], 6);
    expect(read("tokens")).toEqual([3, 5, 2, 6, 2, 0]);
    const keep = await encoded({ vocabulary, categories: ["condition"], repeats: "keep", visitDays: 1 }, [record], 8);
    expect(keep("tokens")).toEqual([3, 5, 5, 2, 6, 6, 2, 0]);
  });

  it("have the codes of enough training timelines, and bins of values by code and unit", async () => {
    const records = Array.from({ length: 12 }, (_, i) => ({
      events: [event(0, 0, 0, i), ...(i === 0 ? [event(1, 0, 0)] : [])],
    }));
    const spec = await fitted<{ vocabulary: string[]; valueEdges: { edges: number[] }[] }>(
      { name: "timelineTokens", valueBins: 3 },
      column(...records),
    );
    expect(spec.vocabulary).toEqual([vocabulary[0]]);
    expect(spec.valueEdges.map(({ edges }) => edges)).toEqual([[4, 8]]);
    const read = await encoded(spec, [{ events: [event(0, 0, 0, 3.9)] }, { events: [event(0, 0, 0, 8)] }], 3);
    expect(read("values")).toEqual([0, 1, 0, 0, 3, 0]);
    const error = await failure(() => fitted({ name: "timelineTokens", minimumTimelines: 13 }, column(...records)));
    expect(error.message).toContain("no code occurs in 13");
  });
});

describe("masked codes", () => {
  const timelines = fc.array(fc.record({ code: fc.nat(3), day: fc.nat(5), value: fc.nat(9) }), {
    minLength: 1,
    maxLength: 12,
  });

  it("hide the code and the value of what is predicted, alone or by whole visits", async () => {
    const of = {
      name: "timelineTokens",
      vocabulary,
      valueBins: 2,
      valueEdges: vocabulary.map((code) => ({ code, unit: "g", edges: [5] })),
    };
    await fc.assert(
      fc.asyncProperty(timelines, fc.constantFrom("code", "visit"), async (drawn, unit) => {
        const events = drawn.sort((a, b) => a.day - b.day).map(({ code, day, value }) => event(code, day, day, value));
        const masked = await encoded(
          { of, unit, replace: { mask: 1, random: 0, keep: 0 } },
          [{ events }],
          40,
          "maskedCodes",
        );
        const plain = await encoded(of, [{ events }], 40);
        const [tokens, labels, values, positions, truth] = [
          masked("tokens"),
          masked("labels"),
          masked("values"),
          masked("positions"),
          plain("tokens"),
        ];
        const hidden = labels.flatMap((label, place) => (label < 0 ? [] : [place]));
        expect(hidden.length).toBeGreaterThan(0);
        for (const [place, token] of tokens.entries()) {
          if (!hidden.includes(place))
            expect([token, masked("ages")[place]]).toEqual([truth[place], plain("ages")[place]]);
          else expect([token, labels[place], values[place]]).toEqual([4, truth[place], 0]);
        }
        if (unit === "visit") {
          const visits = new Set(hidden.map((place) => positions[place]));
          const codesOfThem = truth.flatMap((token, place) =>
            token >= 5 && visits.has(positions[place]) ? [place] : [],
          );
          expect(hidden).toEqual(codesOfThem);
        }
      }),
      { numRuns: 30 },
    );
  });
});
