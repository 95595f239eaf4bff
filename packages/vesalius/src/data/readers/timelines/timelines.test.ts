import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TimelinesColumn } from "../../columns/timelines.ts";
import { kindOf } from "../../columns/index.ts";
import { failure } from "../../data.test.helper.ts";
import { daysOf } from "./dates.ts";
import type { StatedEvent, StatedPatient } from "./patients.ts";
import { type Predict, predictSchema } from "./settings.ts";
import { timelineExamples } from "./timeline-examples.ts";

const code = (name: string, category = "condition") => ({ category, system: "ICD-10", code: name });
const event = (time: number, name: string, category?: string): StatedEvent => ({ time, code: code(name, category) });
const patient = (events: StatedEvent[], more: Partial<StatedPatient> = {}): StatedPatient => ({
  id: "a",
  group: "a",
  events,
  attributes: {},
  ...more,
});
const examplesOf = (
  patients: StatedPatient[],
  predict: object = { what: "next" },
  outsideLife: "leaveOut" | "refuse" = "leaveOut",
) => timelineExamples(patients, { predict: predictSchema.parse(predict), outsideLife }, "here");
const codesIn = (column: unknown, row = 0): string[] => {
  const { codes, codeOf, offsets } = column as TimelinesColumn;
  return Array.from(codeOf.subarray(offsets[row], offsets[row + 1]), (at) => codes[at]!.code);
};

describe("what comes next", () => {
  const one = patient([
    event(10.9, "A"),
    event(12.2, "B"),
    event(12.8, "V", "visit"),
    event(20.1, "W", "visit"),
    event(20.5, "C"),
  ]);

  it("is what begins on a day, and what is known ends the day before", async () => {
    const { splits } = await examplesOf([one]);
    const { timeline, next } = splits["train"]!.columns;
    expect(codesIn(timeline)).toEqual(["A", "B", "V"]);
    expect(codesIn(next)).toEqual(["C"]);
  });

  it("is asked for each day in training alone, and a patient is in one group", async () => {
    const predict = { what: "next", examples: "eachInTraining" };
    const { splits } = await examplesOf([one, { ...one, id: "b", group: "b", split: "val" }], predict);
    expect(splits["train"]!.groups).toEqual(["a", "a", "a"]);
    expect([0, 1, 2].map((row) => codesIn(splits["train"]!.columns["next"], row))).toEqual([["A"], ["B"], ["C"]]);
    expect(splits["validation"]!.length).toBe(1);
  });
});

describe("an outcome by a time", () => {
  const predict = { what: "outcome", at: 5, horizon: 10, codes: ["X"] };

  it("is what happens within the horizon; who is not seen that long is left out and counted", async () => {
    const patients = [
      patient([event(0, "A"), event(9, "X")]),
      patient([event(0, "A"), event(40, "X")], { id: "b", group: "b" }),
      patient([event(0, "A"), event(8, "B")], { id: "c", group: "c" }),
      patient([event(0, "A"), event(3, "X")], { id: "d", group: "d" }),
    ];
    const { splits, cautions } = await examplesOf(patients, predict);
    expect(splits["train"]!.ids).toEqual(["a", "b"]);
    expect([...(splits["train"]!.columns["label"] as unknown as { values: Int32Array }).values]).toEqual([1, 0]);
    expect(cautions).toEqual([
      "1 patients whose outcome came before the time of prediction are no example.",
      "1 patients who are not seen until the end of the horizon are no example.",
    ]);
    expect((await examplesOf(patients, { ...predict, censored: "without" })).splits["train"]!.length).toBe(3);
  });

  it("is refused where nobody is an example", async () => {
    const error = await failure(() => examplesOf([patient([event(0, "A", "visit")])]));
    expect(error.message).toContain("none of 1 patients");
  });
});

const drawn = fc.array(
  fc.record({ time: fc.integer({ min: 0, max: 60 }).map((n) => n / 2), name: fc.constantFrom("A", "B", "X") }),
  { minLength: 2, maxLength: 14 },
);
const asked = fc.constantFrom<Predict>(
  { what: "next", category: "condition", examples: "last" },
  { what: "outcome", at: 6, horizon: 8, codes: ["X"], censored: "without" },
);

it("nothing later than the time of prediction reaches a timeline", async () => {
  await fc.assert(
    fc.asyncProperty(drawn, asked, async (made, predict) => {
      const events = made.map(({ time, name }) => event(time, name));
      const times = events.map(({ time }) => time);
      const [first, last] = [Math.min(...times), Math.max(...times)];
      const isLater = (time: number): boolean =>
        predict.what === "next" ? time >= Math.floor(last) : time > first + 6;
      const timelineOf = async (stated: StatedEvent[]) => {
        const { splits } = await examplesOf([patient(stated)], predict);
        return splits["train"]!.columns["timeline"] as TimelinesColumn;
      };
      if (predict.what === "outcome" && made.some(({ time, name }) => name === "X" && !isLater(time))) return;
      const timeline = await timelineOf(events);
      expect(timeline.times.length).toBeLessThanOrEqual(times.filter((time) => !isLater(time)).length);
      // What comes later may be anything else: other codes, values.
      const changed = events.map((one) =>
        isLater(one.time) ? { ...one, value: 99, code: { ...one.code, system: "other", code: "Z" } } : one,
      );
      const content = (column: TimelinesColumn) =>
        JSON.stringify([...kindOf(column).content(column)].map((part) => Array.from(part as string)));
      expect(content(await timelineOf(changed))).toBe(content(timeline));
    }),
    { numRuns: 60 },
  );
});

it("events outside life are left out with a count, or refused; those out of order and repeated are counted", async () => {
  const stated = patient(
    [event(50, "B"), event(40, "A"), event(40, "A"), event(2, "P"), event(90, "Q"), event(60, "C")],
    { birth: 10, death: 70 },
  );
  const { splits, cautions } = await examplesOf([stated]);
  expect(codesIn(splits["train"]!.columns["timeline"])).toEqual(["A", "B"]);
  expect((splits["train"]!.columns["timeline"] as TimelinesColumn).ages[0]).toBe(30);
  expect(cautions!.map((text) => text.slice(0, 12))).toEqual([
    "3 events are",
    "1 events are",
    "1 events bef",
    "1 events mor",
  ]);
  const error = await failure(() => examplesOf([stated], undefined, "refuse"));
  expect(error.message).toContain("1 events lie before a birth and 1 after a death");
});

it("dates are days of the calendar where care is given", () => {
  expect(daysOf("1970-01-02")).toBe(1);
  expect(daysOf("1970-01-02T12:00:00+09:00")).toBe(1.5);
  expect(daysOf("1970-01-02 12:00:00")).toBe(1.5);
  expect(daysOf("1970")).toBe(0);
  expect(daysOf("1970-02")).toBe(31);
  for (const wrong of ["2019-02-30", "2019-13", "yesterday", "", "2019-01-01T25:00:00Z", "12/05/2019"])
    expect(daysOf(wrong)).toBeUndefined();
});
