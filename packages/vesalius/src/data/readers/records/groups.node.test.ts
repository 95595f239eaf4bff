import { describe, expect, it } from "vitest";
import { describeDataset } from "../../dataset/index.ts";
import { open, refused } from "../readers.test.helper.ts";

const rows = (header: string, ...lines: string[]): { "x.csv": string } => ({
  "x.csv": `text,label,${header},split\n${lines.map((line, i) => `words number ${i} of a report,${i % 2},${line}\n`).join("")}`,
});

describe("columns that name people", () => {
  it("are the group in any spelling, and the leakage between splits is found without quoting them", async () => {
    for (const name of ["patientid", "Patient ID", "subject_id", "MRN", "name", "anon_patient_id"]) {
      const error = await refused(rows(name, "Zaphod,train", "Trillian,train", "Zaphod,val"));
      expect([name, error.code]).toEqual([name, "data-leakage"]);
      expect(error.message).toContain(`x.csv row 1 (train) and x.csv row 3 (validation): same group (${name})`);
      expect(error.message).not.toContain("Zaphod");
    }
  });

  it("stay together however a spreadsheet wrote their numbers", async () => {
    for (const [one, other] of ["7 7.0", "007 7", "p1 P1"].map((pair) => pair.split(" ")))
      expect((await refused(rows("mrn", `${one},train`, "8,train", `${other},val`))).code).toBe("data-leakage");
  });

  it("of several, identifiers come first, and it is said which, and where the others disagree", async () => {
    const files = rows(
      "dob,patient_name,mrn,subject_id",
      "1952,Zaphod,1,a,train",
      "1953,Ford,2,a,train",
      "1954,Ford,3,a,train",
      "1955,Ford,1,c,val",
    );
    const { card, splits } = await open(files);
    expect(splits["train"]).toMatchObject({ groups: ["a", "a", "a"], attributes: {} });
    const said = card.cautions.join(" ");
    expect(said).toContain("The column subject_id names people: it is the group");
    expect(said).toContain("The columns dob, patient_name, mrn name people and were left out.");
    expect(said).toContain("1 values of mrn, which is not the group, are in several splits");
    expect(card.groupingKey).toBe("subject_id");
    expect(JSON.stringify(describeDataset(await open(files)))).not.toMatch(/Zaphod|1952/);
  });

  it("elsewhere, groups that differ in case are two: SMILES of scaffolds", async () => {
    const scaffolds = { "dataset.json": '{"name":"x","groupingKey":"scaffold"}' };
    await open({ ...scaffolds, ...rows("scaffold", "C1CCCCC1,train", "CC,train", "c1ccccc1,val") });
  });

  it("come before a column called group, which may be an arm of a trial", async () => {
    const { card, splits } = await open(rows("group,patient", "drug,1,train", "placebo,2,train", "drug,3,val"));
    expect(splits["train"]!.groups).toEqual(["1", "2"]);
    expect(card.cautions.join(" ")).toContain("The column group is not the group");
    const asked = await refused(rows("group,patient", "drug,1,train", "placebo,2,train", "drug,3,val"), {
      groupColumn: "group",
    });
    expect(asked.code).toBe("data-leakage");
  });

  it("give way to what dataset.json declares, under any of its keys; a column that is not there is said", async () => {
    const files = rows("patient,animal", "1,a,train", "2,b,train", "3,a,val");
    for (const key of ["groupingKey", "group", "groupColumn"])
      expect((await refused({ ...files, "dataset.json": `{"name":"x","${key}":"Animal"}` })).code).toBe("data-leakage");
    const { card } = await open({ ...files, "dataset.json": '{"name":"x","groupingKey":"lesion_id"}' });
    expect(card.cautions.join(" ")).toContain("dataset.json groups by lesion_id, which is no column here.");
  });

  it("are refused as attribute, target and column, and read as texts with a caution", async () => {
    const files = rows("patient_id", "1,train", "2,train", "3,val");
    for (const options of [
      { attributes: ["patient_id"] },
      { target: "patient_id" },
      { columns: { who: { kind: "categories", from: "patient_id" } } },
    ]) {
      const error = await refused(files, options);
      expect(error.code).toBe("bad-argument");
      expect(error.what).toContain("the column patient_id names people and cannot be");
      expect(error.fix).toContain("groupColumn");
    }
    const { card } = await open(files, { columns: { text: { kind: "texts", from: ["text", "patient_id"] } } });
    expect(card.cautions.join(" ")).toContain("Texts are read from patient_id");
  });

  it("do not number the examples", async () => {
    const { card, splits } = await open(rows("patient_id", "1,train", "1,train", "3,val"), { idColumn: "patient_id" });
    expect(splits["train"]).toMatchObject({ ids: ["x.csv row 1", "x.csv row 2"], groups: ["1", "1"] });
    expect(card.cautions.join(" ")).toContain("examples are numbered in place of it");
  });
});
