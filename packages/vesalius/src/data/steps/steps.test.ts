import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { classesColumn, type ClassesColumn } from "../columns/classes.ts";
import { type Span, spansColumn, type SpansColumn } from "../columns/spans.ts";
import { textsColumn, type TextsColumn } from "../columns/texts.ts";
import { kindOf } from "../columns/index.ts";
import type { Split } from "../split.ts";
import { datasetSteps } from "./index.ts";
import { wordCount } from "./texts.ts";
import { windowOf } from "./windows.ts";

const words = ["the", "patient", "has", "ataxia-telangiectasia", "BRCA1", "é", "11q22.3", "."];

interface Drawn {
  readonly runs: readonly { readonly words: readonly string[]; readonly marked: boolean }[];
  readonly group: string;
  readonly annotated: boolean;
}

/** Texts with spans over runs of whole words, in groups. */
const documents: fc.Arbitrary<readonly Drawn[]> = fc.array(
  fc.record({
    runs: fc.array(
      fc.record({
        words: fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 4 }),
        marked: fc.boolean(),
      }),
      { minLength: 1, maxLength: 8 },
    ),
    group: fc.constantFrom("a", "b"),
    annotated: fc.boolean(),
  }),
  { minLength: 1, maxLength: 12 },
);

function splitOf(drawn: readonly Drawn[]): Split {
  const texts: string[] = [];
  const spans: (Span[] | null)[] = [];
  for (const { runs, annotated } of drawn) {
    let text = "";
    const own: Span[] = [];
    for (const { words: run, marked } of runs) {
      const start = text === "" ? 0 : text.length + 1;
      text = `${text}${text === "" ? "" : " "}${run.join(" ")}`;
      if (marked) own.push({ start, end: text.length, type: "Disease" });
    }
    texts.push(text);
    spans.push(annotated ? own : null);
  }
  return {
    name: "train",
    length: texts.length,
    ids: texts.map((_, i) => `text ${i}`),
    groups: drawn.map(({ group }) => group),
    attributes: { site: drawn.map(({ group }) => group), age: drawn.map((_, i) => i) },
    columns: { text: textsColumn(texts), spans: spansColumn(["Disease"], spans) },
  };
}

const textsOf = ({ columns }: Split) => (columns["text"] as TextsColumn).values;
const spansOf = async ({ columns, length }: Split) => {
  const column = columns["spans"] as SpansColumn;
  const rows = Array.from({ length }, (_, row) => row);
  return (await kindOf(column).read(column, rows)) as (readonly Span[] | null)[];
};
/** What the spans of every text mark. */
const markedOf = async (split: Split) => {
  const texts = textsOf(split);
  return (await spansOf(split)).map(
    (spans, row) => spans?.map(({ start, end }) => texts[row]!.slice(start, end)) ?? null,
  );
};

describe("pack", () => {
  test.each(["consecutive", "bestFit"])("%s: every text once, spans with their words, groups apart", async (order) => {
    await fc.assert(
      fc.asyncProperty(documents, fc.integer({ min: 1, max: 40 }), async (drawn, length) => {
        const split = splitOf(drawn);
        const { split: packed, counts } = await datasetSteps.create({ name: "pack", length, order })(split);
        const members = packed.ids.map((id) => id.split("+").map((one) => split.ids.indexOf(one)));
        expect(members.flat().toSorted((a, b) => a - b)).toEqual(split.ids.map((_, row) => row));
        const marked = await markedOf(split);
        const found = await markedOf(packed);
        members.forEach((rows, i) => {
          expect(textsOf(packed)[i]).toBe(rows.map((row) => textsOf(split)[row]).join(" "));
          expect(found[i]).toEqual(marked[rows[0]!] === null ? null : rows.flatMap((row) => marked[row]!));
          expect(new Set(rows.map((row) => split.groups![row])).size).toBe(1);
          expect(packed.groups![i]).toBe(split.groups![rows[0]!]);
          if (rows.length > 1) expect(wordCount(textsOf(packed)[i]!)).toBeLessThanOrEqual(length);
          expect(packed.attributes["age"]![i]).toBe(rows.length === 1 ? rows[0] : null);
        });
        expect(counts).toMatchObject({ texts: split.length, joined: packed.length, withoutText: 0 });
      }),
      { numRuns: 60 },
    );
  });

  test("best fit leaves less room than texts in a row", async () => {
    const texts = Array.from({ length: 60 }, (_, i) => "word ".repeat(1 + ((i * 37) % 60)));
    const split = splitOf([]);
    const long = {
      ...split,
      length: 60,
      ids: texts.map((_, i) => `${i}`),
      groups: undefined,
      attributes: {},
      columns: { text: textsColumn(texts) },
    };
    const [row, best] = await Promise.all(
      ["consecutive", "bestFit"].map((order) => datasetSteps.create({ name: "pack", length: 64, order })(long)),
    );
    const total = texts.reduce((sum, text) => sum + wordCount(text), 0);
    expect(best!.split.length).toBeLessThan(row!.split.length);
    expect(best!.split.length).toBeLessThanOrEqual(Math.ceil(total / 64) + 2);
  });

  test("refuses columns that a joined text has no value of, unless they are dropped; groups are joined when told", async () => {
    const split = splitOf([
      { runs: [{ words: ["the"], marked: false }], group: "a", annotated: true },
      { runs: [{ words: ["patient"], marked: true }], group: "b", annotated: true },
    ]);
    const more = { ...split, columns: { ...split.columns, label: classesColumn(["x", "y"], [0, 1]) } };
    await expect(datasetSteps.create({ name: "pack", length: 9 })(more)).rejects.toThrow(/no single label.*drop/);
    await expect(datasetSteps.create({ name: "pack", length: 9, drop: ["tag"] })(more)).rejects.toThrow(
      /no column tag/,
    );
    const joined = await datasetSteps.create({ name: "pack", length: 9, drop: ["label"], acrossGroups: true })(more);
    expect(textsOf(joined.split)).toEqual(["the patient"]);
    expect(joined.split.groups).toBeUndefined();
    expect(Object.keys(joined.split.columns)).toEqual(["text", "spans"]);
    const missing = { ...split, columns: { text: textsColumn([null, "patient"]) } };
    const { counts } = await datasetSteps.create({ name: "pack", length: 9 })(missing);
    expect(counts).toEqual({ texts: 2, joined: 1, longerThanLength: 0, withoutText: 1 });
  });
});

describe("windows", () => {
  // The longest span that is drawn has 4 x 3 words.
  test("cover every word, lead back to their text and cut no span that fits", async () => {
    await fc.assert(
      fc.asyncProperty(documents, fc.integer({ min: 12, max: 24 }), fc.nat(11), async (drawn, length, overlap) => {
        const split = splitOf(drawn);
        const { split: cut, counts } = await datasetSteps.create({ name: "windows", length, overlap })(split);
        const [marked, found] = [await spansOf(split), await spansOf(cut)];
        const seen = split.ids.map(() => new Set<number>());
        const kept = split.ids.map(() => new Set<string>());
        cut.ids.forEach((id, i) => {
          const window = windowOf(id);
          const row = split.ids.indexOf(window?.id ?? id);
          const { start, end } = window ?? { start: 0, end: textsOf(split)[row]!.length };
          expect(textsOf(cut)[i]).toBe(textsOf(split)[row]!.slice(start, end));
          expect(wordCount(textsOf(cut)[i]!)).toBeLessThanOrEqual(length);
          expect(cut.groups![i]).toBe(split.groups![row]);
          for (let at = start; at < end; at++) seen[row]!.add(at);
          expect(found[i] === null).toBe(marked[row] === null);
          for (const span of found[i] ?? []) kept[row]!.add(`${span.start + start}-${span.end + start}`);
        });
        textsOf(split).forEach((text, row) => {
          for (let at = 0; at < text.length; at++) if (text[at] !== " ") expect(seen[row]!.has(at)).toBe(true);
          expect(kept[row]).toEqual(new Set(marked[row]?.map(({ start, end }) => `${start}-${end}`)));
        });
        expect(counts["windows"]).toBe(cut.length);
      }),
      { numRuns: 60 },
    );
  });

  test("say how many texts and spans were cut, and repeat the rest of the example", async () => {
    const text = "a b c d e f g h i j";
    const split: Split = {
      name: "train",
      length: 2,
      ids: ["x", "y"],
      groups: undefined,
      attributes: { site: ["s", "t"] },
      columns: {
        text: textsColumn([text, null]),
        label: classesColumn(["no", "yes"], [1, 0]),
        spans: spansColumn(["T"], [[{ start: 4, end: 17, type: "T" }], []]),
      },
    };
    const { split: cut, counts } = await datasetSteps.create({ name: "windows", length: 4, overlap: 1 })(split);
    expect(cut.ids).toEqual(["x[0-3]", "x[4-11]", "x[10-17]", "x[16-19]", "y"]);
    expect(cut.groups).toEqual(["x", "x", "x", "x", "y"]);
    expect(cut.attributes).toEqual({ site: ["s", "s", "s", "s", "t"] });
    expect((cut.columns["label"] as ClassesColumn).values).toEqual(Int32Array.of(1, 1, 1, 1, 0));
    expect(counts).toEqual({ texts: 2, windows: 5, cutTexts: 1, cutSpans: 3 });
    expect(windowOf("x")).toBeUndefined();
    expect(() => datasetSteps.create({ name: "windows", length: 4, overlap: 4 })).toThrow(/not less than length/);
  });
});

describe("filter", () => {
  const split: Split = {
    name: "train",
    length: 4,
    ids: ["a", "b", "c", "d"],
    groups: undefined,
    attributes: { site: ["x", "y", null, "x"] },
    columns: { text: textsColumn(["one", "two", null, "three"]), label: classesColumn(["no", "yes"], [0, 1, 1, null]) },
  };
  test.each([
    [{ has: ["text", "label"] }, ["a", "b"]],
    [{ attribute: { name: "site", in: ["x", null] } }, ["a", "c", "d"]],
    [{ classes: { in: ["yes"] } }, ["b", "c"]],
    [{ characters: { column: "text", minimum: 4 } }, ["d"]],
    [{ characters: { column: "text", maximum: 3 }, classes: { in: ["no"] } }, ["a"]],
    [{ has: ["text"], exclude: true }, ["c"]],
  ])("%j", async (conditions, expected) => {
    const { split: kept, counts } = await datasetSteps.create({ name: "filter", ...conditions })(split);
    expect(kept.ids).toEqual(expected);
    expect(counts).toEqual({ examples: 4, leftOut: 4 - expected.length });
  });

  test("refuses what is not there, and to leave nothing", async () => {
    const run = async (settings: object) => datasetSteps.create({ name: "filter", ...settings })(split);
    await expect(run({})).rejects.toThrow(/states no condition/);
    await expect(run({ attribute: { name: "sex", in: ["f"] } })).rejects.toThrow(/no attribute sex.*are site/);
    await expect(run({ classes: { in: ["maybe"] } })).rejects.toThrow(/no class maybe.*no, yes/);
    await expect(run({ has: ["image"] })).rejects.toThrow(/no column image/);
    await expect(run({ characters: { column: "text", minimum: 9 } })).rejects.toThrow(/no example of 4 is left/);
  });
});
