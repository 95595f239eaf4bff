import { expect, test } from "vitest";
import { kindsOf, open } from "../data/readers/readers.test.helper.ts";
import { samples } from "./dataset-samples.test.helper.ts";
import { surveyedDatasets } from "./datasets.ts";

/** What has no sample here, and why. */
const elsewhere: Readonly<Record<string, string>> = {
  "mimic-iv": "tables of events have tests of their own",
  "eicu-crd": "tables of events have tests of their own",
  tcia: "the series are converted to NIfTI first, whose reader has tests of its own",
};

test("every dataset that can be had has a sample", () => {
  const described = surveyedDatasets.filter(({ format }) => format !== undefined).map(({ id }) => id);
  expect([...Object.keys(samples), ...Object.keys(elsewhere)].toSorted()).toEqual(described.toSorted());
});

test.each(Object.entries(samples))("%s is read in the form in which it is published", async (id, sample) => {
  const { format } = surveyedDatasets.find((one) => one.id === id)!;
  const { splits } = await open(sample.files, {
    ...format!.options,
    allowMissingTrain: true,
    allowMissingClasses: true,
  });
  const [split] = Object.values(splits);
  expect(split!.length).toBe(sample.length);
  expect(kindsOf(split)).toMatchObject(sample.kinds);
  // It is recognised by its files; the reader is named for those who look it up.
  const named = await open(sample.files, {
    ...format!.options,
    reader: format!.reader,
    allowMissingTrain: true,
    allowMissingClasses: true,
  });
  expect(Object.values(named.splits)[0]!.ids).toEqual(split!.ids);
});
