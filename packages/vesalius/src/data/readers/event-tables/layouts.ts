import type { z } from "zod";
import type { Predict } from "../timelines/settings.ts";
import type { layoutSchema } from "./settings.ts";

/** A layout of the field that is recognised by its tables. */
export interface KnownLayout {
  readonly name: string;
  /** Tables, by name without ending, that say that it is this one. */
  readonly needs: readonly string[];
  /** A column of the first of them. */
  readonly column: string;
  readonly tables: z.input<typeof layoutSchema>;
  /** What is predicted unless the caller says otherwise. */
  readonly predict: Predict;
}

const nextCondition: Predict = { what: "next", category: "condition", examples: "last" };

/** An OMOP table: concepts of one column, dates with a time where there is one. */
const omopEvents = (table: string, category: string, prefix: string, start = `${prefix}_start`) => ({
  file: table,
  category,
  person: "person_id",
  time: [`${start}_datetime`, `${start}_date`],
  code: [`${prefix}_concept_id`],
  system: "OMOP",
  concepts: {
    file: "concept",
    key: "concept_id",
    code: "concept_code",
    system: "vocabulary_id",
    name: "concept_name",
  },
  visit: "visit_occurrence_id",
});

/** OMOP CDM 5.x (OHDSI). */
const omop: KnownLayout = {
  name: "OMOP CDM 5",
  needs: ["person", "visit_occurrence"],
  column: "person_id",
  predict: nextCondition,
  tables: {
    persons: {
      file: "person",
      key: "person_id",
      split: "split",
      sex: "gender_source_value",
      birth: ["birth_datetime", "year_of_birth", "month_of_birth", "day_of_birth"],
    },
    deaths: { file: "death", person: "person_id", date: ["death_datetime", "death_date"] },
    events: [
      omopEvents("visit_occurrence", "visit", "visit"),
      omopEvents("condition_occurrence", "condition", "condition"),
      omopEvents("drug_exposure", "medication", "drug", "drug_exposure_start"),
      omopEvents("procedure_occurrence", "procedure", "procedure", "procedure"),
      {
        ...omopEvents("measurement", "observation", "measurement", "measurement"),
        value: "value_as_number",
        unit: "unit_source_value",
      },
      omopEvents("observation", "observation", "observation", "observation"),
      omopEvents("device_exposure", "device", "device", "device_exposure_start"),
    ],
  },
};

/** eICU Collaborative Research Database 2.0: offsets in minutes from the admission to the unit; one timeline a stay. */
const eicu: KnownLayout = {
  name: "eICU 2.0",
  needs: ["patient", "diagnosis"],
  column: "patientunitstayid",
  predict: { what: "outcome", at: 1, censored: "leaveOut" },
  tables: {
    times: "minutes",
    persons: {
      file: "patient",
      key: "patientunitstayid",
      group: "uniquepid",
      sex: "gender",
      age: "age",
      outcome: "hospitaldischargestatus",
      outcomeIs: "Expired",
    },
    splits: { file: "cohort", key: "visit_id", split: "split" },
    events: [
      {
        file: "admissionDx",
        category: "admission diagnosis",
        person: "patientunitstayid",
        time: "admitdxenteredoffset",
        code: "admitdxpath",
        system: "eICU",
      },
      {
        file: "diagnosis",
        category: "condition",
        person: "patientunitstayid",
        time: "diagnosisoffset",
        code: "diagnosisstring",
        system: "eICU",
      },
      {
        file: "lab",
        category: "observation",
        person: "patientunitstayid",
        time: "labresultoffset",
        code: "labname",
        system: "eICU",
        value: "labresult",
        unit: "labmeasurenamesystem",
      },
      {
        file: "medication",
        category: "medication",
        person: "patientunitstayid",
        time: "drugstartoffset",
        code: ["drugname", "drughiclseqno"],
        system: "eICU",
        without: { drugordercancelled: "Yes" },
      },
      {
        file: "treatment",
        category: "procedure",
        person: "patientunitstayid",
        time: "treatmentoffset",
        code: "treatmentstring",
        system: "eICU",
      },
    ],
  },
};

/** Codes of ICD in one column with the version beside them; known from the discharge on, when they are billed. */
const mimicIcd = (file: string, category: string) => ({
  file,
  category,
  person: "subject_id",
  timeFrom: { file: "admissions", key: "hadm_id", time: "dischtime" },
  code: "icd_code",
  system: "ICD-",
  systemColumn: "icd_version",
  visit: "hadm_id",
});

/** The module `hosp` of MIMIC-IV. */
const mimic: KnownLayout = {
  name: "MIMIC-IV hosp",
  needs: ["patients", "admissions"],
  column: "subject_id",
  predict: nextCondition,
  tables: {
    persons: {
      file: "patients",
      key: "subject_id",
      split: "split",
      sex: "gender",
      age: "anchor_age",
      ageYear: "anchor_year",
      death: "dod",
    },
    events: [
      {
        file: "admissions",
        category: "visit",
        person: "subject_id",
        time: "admittime",
        code: "admission_type",
        system: "MIMIC-IV",
        visit: "hadm_id",
      },
      mimicIcd("diagnoses_icd", "condition"),
      mimicIcd("procedures_icd", "procedure"),
      {
        file: "prescriptions",
        category: "medication",
        person: "subject_id",
        time: "starttime",
        code: "drug",
        system: "MIMIC-IV",
        visit: "hadm_id",
      },
      {
        file: "labevents",
        category: "observation",
        person: "subject_id",
        time: "charttime",
        code: "itemid",
        system: "MIMIC-IV",
        concepts: { file: "d_labitems", key: "itemid", name: "label" },
        value: "valuenum",
        unit: "valueuom",
        visit: "hadm_id",
      },
    ],
  },
};

/** Layouts that are recognised. */
export const knownLayouts: readonly KnownLayout[] = [omop, eicu, mimic];
