import { expect, it } from "vitest";
import { failure } from "../data.test.helper.ts";
import { type TimelineRecord, timelines, timelinesColumn } from "./timelines.ts";

const codes = [
  { category: "condition", system: "ICD-10", code: "I10", name: "Hypertension" },
  { category: "observation", system: "LOINC", code: "8480-6" },
];
const event = (time: number, more: object = {}) => ({ code: 1, time, visit: 0, ...more });

it.each<[string, TimelineRecord, string]>([
  ["events out of order", { events: [event(2), event(1)] }, "order of time"],
  ["an event after the time of prediction", { events: [event(3)], end: 2 }, "later than the time"],
  ["a code that is not listed", { events: [event(0, { code: 2 })] }, "not listed"],
  ["a time that is not finite", { events: [event(Number.NaN)] }, "not finite"],
  ["a value that is not finite", { events: [event(0, { value: Number.POSITIVE_INFINITY })] }, "not finite"],
  ["half a visit", { events: [event(0, { visit: 0.5 })] }, "visit"],
  ["an age that is not finite", { events: [], age: Number.NaN }, "age"],
])("refuses %s, saying where and nothing of the record", async (_, record, text) => {
  const error = await failure(() => timelinesColumn(codes, [null, record]));
  expect(error.code).toBe("bad-data");
  expect(error.message).toContain(text);
  expect(error.message).toContain("row 2");
});

it("keeps values where there are some, with their units", async () => {
  const column = timelinesColumn(codes, [
    { events: [event(0), event(1, { value: 141, unit: "mm[Hg]" }), event(1, { value: 3 })] },
    { events: [event(-2, { value: 7, unit: "kPa" })] },
  ]);
  expect(column.values).toHaveLength(3);
  const [, second] = await timelines.read(timelines.take(column, [1, 0]), [0, 1]);
  expect([...second!.values]).toEqual([Number.NaN, 141, 3]);
  expect([...second!.units].map((unit) => second!.unitTable[unit])).toEqual([undefined, "mm[Hg]", undefined]);
});

it("joins columns with other tables of codes and units", async () => {
  const one = timelinesColumn(codes, [{ events: [event(0, { value: 1, unit: "g" })] }]);
  const other = timelinesColumn([codes[1]!], [{ events: [{ code: 0, time: 0, visit: 0, value: 2, unit: "mg" }] }]);
  const [first, second] = await timelines.read(timelines.join([one, other]), [0, 1]);
  expect([first!.codes[0], second!.codes[0]]).toEqual([1, 1]);
  expect(second!.unitTable[second!.units[0]!]).toBe("mg");
});

it("takes the same events at the same times for one patient, whatever numbers their codes have", () => {
  const one = timelinesColumn(codes, [{ events: [event(0), event(5, { value: 2 })] }, { events: [] }]);
  const other = timelinesColumn(codes.toReversed(), [
    { events: [event(0, { code: 0 }), event(5, { code: 0, value: 2 })] },
    { events: [event(0, { code: 0 }), event(5, { code: 0, value: 3 })] },
  ]);
  const [print, empty] = timelines.fingerprints!(one);
  const [same, different] = timelines.fingerprints!(other);
  expect(empty).toBeUndefined();
  expect(same).toBe(print);
  expect(different).not.toBe(print);
});

it("describes itself without the code of anybody", () => {
  const column = timelinesColumn(codes, [{ events: [{ code: 0, time: 0, visit: 0 }] }]);
  expect(JSON.stringify(timelines.describe(column))).not.toMatch(/I10|Hypertension/);
  expect(timelines.describe(column)).toMatchObject({ present: 1, events: 1, codes: 1, visits: 1 });
});
