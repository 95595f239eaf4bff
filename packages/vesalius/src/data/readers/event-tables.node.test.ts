import { expect, it } from "vitest";
import type { ClassesColumn } from "../columns/classes.ts";
import type { TimelinesColumn } from "../columns/timelines.ts";
import type { Dataset } from "../split.ts";
import { open, refused } from "./readers.test.helper.ts";

const csv = (...rows: string[]): string => `${rows.join("\n")}\n`;
const timelineOf = (dataset: Dataset, split = "train", name = "timeline") =>
  dataset.splits[split]!.columns[name] as TimelinesColumn;
const codesOf = ({ codes, codeOf }: TimelinesColumn): string[] =>
  Array.from(codeOf, (at) => `${codes[at]!.category} ${codes[at]!.system} ${codes[at]!.code}`);

const omop = {
  "PERSON.csv": csv(
    "person_id,year_of_birth,month_of_birth,day_of_birth,gender_source_value,split",
    "1,1980,2,3,F,train",
    "2,1970,,,M,val",
  ),
  "VISIT_OCCURRENCE.csv": csv(
    "visit_occurrence_id,person_id,visit_concept_id,visit_start_date",
    "7,1,9202,2010-01-01",
    "8,2,9202,2010-01-01",
  ),
  "condition_occurrence.csv": csv(
    "person_id,condition_concept_id,condition_start_date,condition_start_datetime,visit_occurrence_id",
    "1,320128,2010-01-01,2010-01-01 10:00:00,7.0",
    "1,201826,2011-01-01,,",
    "1,0,2011-01-01,,",
    "2,320128,2012-02-30,,",
    "2,320128,2012-02-20,,",
    "3,320128,2012-02-20,,",
  ),
  "CONCEPT.csv": csv("concept_id,concept_name,vocabulary_id,concept_code", "320128,Hypertension,SNOMED,38341003"),
  "DEATH.csv": csv("person_id,death_date", "1,2011-06-01"),
};

it("reads OMOP tables: concepts by their own codes, dates, visits, deaths, splits", async () => {
  const dataset = await open(omop);
  const train = timelineOf(dataset);
  expect(codesOf(train)).toEqual(["visit OMOP 9202", "condition SNOMED 38341003"]);
  expect([...train.visits]).toEqual([0, 0]);
  expect(codesOf(timelineOf(dataset, "train", "next"))).toEqual(["condition OMOP 201826"]);
  expect(train.ages[0]).toBe((Date.UTC(2010, 0, 1) - Date.UTC(1980, 1, 3)) / 86_400_000);
  expect(dataset.splits["validation"]!.groups).toEqual(["2"]);
  expect(dataset.card.cautions).toEqual([
    "1 rows of condition_occurrence without a code were left out.",
    "1 rows of condition_occurrence have a time that is none and were left out.",
    "1 rows of condition_occurrence are of nobody in the table of persons and were left out.",
  ]);
});

it("reads eICU's stays: minutes since admission, persons as groups, death in the hospital", async () => {
  const dataset = await open({
    "patient.csv": csv(
      "patientunitstayid,uniquepid,gender,age,hospitaldischargestatus",
      "1,a,Male,> 89,Expired",
      "2,a,Male,60,Alive",
      "3,b,Female,,Alive",
    ),
    "cohort.csv": csv("visit_id,split", "1,train", "2,train", "3,val"),
    "diagnosis.csv": csv(
      "patientunitstayid,diagnosisoffset,diagnosisstring",
      "1,60,sepsis",
      "1,1500,shock",
      "2,-30,copd",
      "3,1,copd",
    ),
    "lab.csv": csv(
      "patientunitstayid,labresultoffset,labname,labresult,labmeasurenamesystem",
      "1,1440,lactate,4.5,mmol/L",
      "2,5,lactate,high,",
    ),
    "medication.csv": csv(
      "patientunitstayid,drugstartoffset,drugordercancelled,drugname,drughiclseqno",
      "1,5,Yes,A,",
      "1,6,No,,77",
    ),
  });
  const train = timelineOf(dataset);
  expect(codesOf(train).slice(0, 3)).toEqual([
    "medication eICU 77",
    "condition eICU sepsis",
    "observation eICU lactate",
  ]);
  expect([train.times[2], train.ends[0], train.values[0]]).toEqual([1, 1, 4.5]);
  expect(train.ages[0]).toBe(90 * 365.25);
  expect([...(dataset.splits["train"]!.columns["label"] as ClassesColumn).values]).toEqual([1, 0]);
  expect(dataset.splits["train"]!.groups).toEqual(["a", "a"]);
  expect(dataset.card.cautions).toContain("1 rows of medication were left out as cancelled.");
  expect(dataset.card.cautions).toContain("1 values of the category observation are no numbers and were left out.");
});

it("reads MIMIC-IV's tables: diagnoses are known from the discharge on", async () => {
  const dataset = await open(
    {
      "patients.csv": csv("subject_id,gender,anchor_age,anchor_year,dod", "10,F,50,2150,"),
      "admissions.csv": csv(
        "subject_id,hadm_id,admittime,dischtime,admission_type",
        "10,1,2150-01-01 08:00:00,2150-01-05 08:00:00,URGENT",
      ),
      "diagnoses_icd.csv": csv("subject_id,hadm_id,icd_code,icd_version", "10,1,I10,10"),
      "labevents.csv": csv(
        "subject_id,hadm_id,itemid,charttime,valuenum,valueuom",
        "10,1,50813,2150-01-02 08:00:00,2.5,mmol/L",
      ),
      "d_labitems.csv": csv("itemid,label", "50813,Lactate"),
    },
    { predict: { what: "nothing" } },
  );
  const train = timelineOf(dataset);
  expect(codesOf(train)).toEqual(["visit MIMIC-IV URGENT", "observation MIMIC-IV 50813", "condition ICD-10 I10"]);
  expect([...train.times]).toEqual([0, 1, 4]);
  expect(train.codes.map(({ name }) => name)).toContain("Lactate");
});

it("reads tables as they are declared, and refuses columns that are not there", async () => {
  const files = {
    "who.csv": csv("key,born", "k1,2000-01-01"),
    "what.csv": csv("key,when,code,n", "k1,2001-01-01,X,3", "k1,2001-01-03,Y,"),
  };
  const tables = {
    persons: { file: "who", key: "key", birth: "born" },
    events: [{ file: "what", category: "event", person: "key", time: "when", code: "code", value: "n" }],
  };
  const dataset = await open(files, { reader: "eventTables", tables });
  expect([...timelineOf(dataset).times]).toEqual([0, 2]);
  expect([...timelineOf(dataset).values]).toEqual([3]);
  const wrong = { ...tables, persons: { ...tables.persons, key: "person" } };
  expect((await refused(files, { reader: "eventTables", tables: wrong })).message).toContain("no column person");
  expect((await refused(files, { reader: "eventTables" })).message).toContain("no layout that is known");
});
