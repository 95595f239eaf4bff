import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, test } from "vitest";
import { readers } from "../data/readers/index.node.ts";
import { surveyedDataset, surveyedDatasets } from "./datasets.ts";

const survey = join(process.env["VESALIUS_DATA"] ?? "", "../survey/datasets.tsv");
const rows = existsSync(survey)
  ? readFileSync(survey, "utf8")
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.split("\t"))
  : [];

test("identifiers are unique and can be typed", () => {
  const ids = surveyedDatasets.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[a-z0-9][a-z0-9-]*$/);
});

test.each(surveyedDatasets.map((one) => [one.id, one] as const))("%s says how to get and open it", (_, one) => {
  expect(one.obtain).toMatch(/[.]$/);
  for (const url of [one.home, one.citation.url])
    if (url !== undefined) expect(new URL(url).protocol).toMatch(/^https?:/);
  // What cannot be had has no files, and what can be had says what they are and which reader opens them.
  expect(one.format === undefined).toBe(one.access === "unavailable");
  if (one.format !== undefined) {
    const entry = readers.entry(one.format.reader);
    const { columns: _columns, encoding: _encoding, ...own } = one.format.options ?? {};
    expect(Object.keys(entry.settings.shape)).toEqual(expect.arrayContaining(Object.keys(own)));
    entry.settings.parse(own);
  }
});

describe.skipIf(rows.length === 0)("the survey's own tables (VESALIUS_DATA)", () => {
  it.each(["V", "IX"])("has every dataset of table %s as the survey prints it", (table) => {
    const printed = rows
      .filter(([of]) => of === table)
      .map(([, subfield, name, , modality, scale, tasks]) => ({ subfield, name, modality, scale, tasks }));
    const described = surveyedDatasets
      .filter((one) => one.table === table)
      .map(({ subfield, name, modality, scale, surveyTasks }) => ({
        subfield,
        name,
        modality,
        scale,
        tasks: surveyTasks.join(", "),
      }));
    const sorted = (list: readonly { name?: string | undefined }[]) =>
      list.toSorted((a, b) => (a.name! < b.name! ? -1 : 1));
    expect(sorted(described)).toEqual(sorted(printed));
  });
});

describe("surveyedDataset", () => {
  it("finds by identifier and by name, in any letter case", () => {
    expect(surveyedDataset("CMEXAM").id).toBe("cmexam");
    expect(surveyedDataset("eicu-crdv2.0").id).toBe("eicu-crd");
  });

  it("names the one that was probably meant", () => {
    expect(() => surveyedDataset("medquat")).toThrow(
      expect.objectContaining({ fix: expect.stringContaining("medquad") }),
    );
  });
});
