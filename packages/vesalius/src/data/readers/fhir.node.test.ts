import type { Bundle, Condition, Observation, Patient, Resource } from "fhir/r4.js";
import { gzipSync } from "fflate";
import { expect, it } from "vitest";
import type { TimelinesColumn } from "../columns/timelines.ts";
import { describeDataset } from "../dataset/index.ts";
import type { Dataset } from "../split.ts";
import { bytes, line, open, refused } from "./readers.test.helper.ts";

const snomed = "http://snomed.info/sct";
const codeable = (code: string) => ({ coding: [{ system: snomed, code, display: `name of ${code}` }] });
const patient = (id: string): Patient => ({ resourceType: "Patient", id, birthDate: "1990-05-01", gender: "female" });
const condition = (id: string, of: string, code: string, date: string): Condition => ({
  resourceType: "Condition",
  id,
  subject: { reference: of },
  encounter: { reference: `Encounter/${id}` },
  code: codeable(code),
  onsetDateTime: date,
});
const observation = (id: string, of: string, more: Partial<Observation>): Observation => ({
  resourceType: "Observation",
  id,
  status: "final",
  subject: { reference: of },
  effectiveDateTime: "2020-01-02T08:00:00+01:00",
  code: { coding: [{ system: "http://loinc.org", code: "8480-6" }] },
  ...more,
});
const bundle = (resources: readonly Resource[]): Bundle => ({
  resourceType: "Bundle",
  type: "collection",
  entry: resources.map((resource) => ({ fullUrl: `urn:uuid:${resource.id}`, resource }) as never),
});
const timelineOf = (dataset: Dataset, split = "train", name = "timeline") =>
  dataset.splits[split]!.columns[name] as TimelinesColumn;
const codesOf = ({ codes, codeOf }: TimelinesColumn): string[] =>
  Array.from(codeOf, (at) => `${codes[at]!.category} ${codes[at]!.code}`);

it("reads bundles and bulk files in any order, packed or not, with references of every form", async () => {
  const dataset = await open({
    "train.ndjson.gz": gzipSync(
      bytes(
        line(
          bundle([
            observation("o1", "urn:uuid:p1", { valueQuantity: { value: 120, unit: "mmHg" } }),
            condition("c1", "urn:uuid:p1", "A", "2020-01-05"),
            patient("p1"),
          ]),
        ) + line(bundle([patient("p2"), condition("c2", "https://example.org/fhir/Patient/p2", "B", "2020-03-01")])),
      ),
    ),
    "val.ndjson": line(condition("c3", "Patient/p3", "A", "2021-01-01")) + line(patient("p3")),
  });
  const train = timelineOf(dataset);
  expect(dataset.splits["train"]!.ids).toEqual(["p1", "p2"]);
  expect(dataset.splits["validation"]!.ids).toEqual(["p3"]);
  expect(dataset.splits["train"]!.attributes).toEqual({ sex: ["female", "female"] });
  expect(codesOf(train)).toEqual(["observation 8480-6"]);
  expect([train.values[0], train.units[0]]).toEqual([120, "mmHg"]);
  expect(codesOf(timelineOf(dataset, "train", "next"))).toEqual(["condition A", "condition B"]);
  // The age at the first event, in days.
  expect(train.ages[0]).toBeCloseTo((Date.parse("2020-01-02T08:00:00Z") - Date.parse("1990-05-01")) / 86_400_000, 6);
});

it("reads components and answers of lists as codes of their own", async () => {
  const dataset = await open(
    {
      "a.json": JSON.stringify(
        bundle([
          patient("p"),
          observation("o", "Patient/p", {
            component: [{ code: { coding: [{ code: "sys" }] }, valueQuantity: { value: 1 } }],
          }),
          observation("s", "Patient/p", { code: codeable("smoker"), valueCodeableConcept: codeable("never") }),
        ]),
      ),
    },
    { predict: { what: "nothing" } },
  );
  expect(codesOf(timelineOf(dataset))).toEqual(["observation 8480-6", "observation sys", "observation smoker=never"]);
});

it("takes all that is known of a patient of whom an answer is wanted", async () => {
  const files = {
    "a.json": JSON.stringify(
      bundle([patient("p"), condition("c", "Patient/p", "A", "2020-01-05"), observation("o", "Patient/p", {})]),
    ),
  };
  const predict = { what: "next" } as const;
  expect(codesOf(timelineOf(await open(files, { predict })))).toEqual(["observation 8480-6"]);
  const { splits } = await open(files, { predict, toAnswer: true });
  expect(Object.keys(splits["train"]!.columns)).toEqual(["timeline"]);
  expect(codesOf(splits["train"]!.columns["timeline"] as TimelinesColumn)).toEqual([
    "observation 8480-6",
    "condition A",
  ]);
  const early = await open(files, { predict: { what: "outcome", at: 1, codes: ["X"] }, toAnswer: true });
  expect(codesOf(timelineOf(early))).toEqual(["observation 8480-6"]);
});

it("counts what it does not read, and says nothing of a patient", async () => {
  const resources: object[] = [
    patient("p"),
    patient("p"),
    { resourceType: "Claim", id: "x" },
    condition("c1", "Patient/p", "A", "2020-01-05"),
    condition("c2", "Patient/nobody", "B", "2020-01-05"),
    condition("c3", "Patient/p", "C", "2020-02-31"),
    { ...condition("c4", "Patient/p", "D", ""), onsetDateTime: undefined },
    { ...condition("c5", "Patient/p", "E", "2020-01-06"), code: {} },
    {
      ...condition("c6", "Patient/p", "F", "2020-01-06"),
      verificationStatus: { coding: [{ code: "entered-in-error" }] },
    },
    { ...condition("c7", "Patient/p", "G", "2020-01-06"), subject: "Patient/p" },
  ];
  const dataset = await open({ "bulk.ndjson": resources.map(line).join("") });
  expect(codesOf(timelineOf(dataset, "train", "next"))).toEqual(["condition A"]);
  expect(dataset.card.cautions).toEqual([
    "Resources of types that are not read: Claim (1).",
    "Resources that are no valid FHIR R4 and were left out: Condition (1).",
    "1 resources occur twice and were read once.",
    "1 resources that were withdrawn, or say that something was not done, were left out.",
    "2 references lead to no resource of the files; events without a patient were left out.",
    "1 resources without a date were left out.",
    "1 resources with a date that is none were left out.",
    "1 resources without a code were left out.",
  ]);
  expect(JSON.stringify(describeDataset(dataset))).not.toMatch(/name of|1990|"p"/);
});

it.each([
  ["a line that is no JSON", "{\n", "line 1"],
  ["an object that is no resource", `${line(patient("p"))}{"a":1}\n`, "line 2"],
  ["files without a patient", line(condition("c", "Patient/p", "A", "2020-01-01")), "type Patient"],
])("refuses %s without quoting it", async (_, content, text) => {
  const error = await refused({ "a.ndjson": content }, { reader: "fhir" });
  expect(error.code).toBe("bad-data");
  expect(error.message).toContain(text);
});
