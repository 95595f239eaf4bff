import { arxiv, withDoi } from "../../paper.ts";
import type { SurveyedDataset } from "../../surveyed-dataset.ts";

const record = { table: "V", subfield: "language", modality: "Health record", languages: ["en"] } as const;
const physionet =
  "Complete the CITI course on human research, become a credentialed user of PhysioNet, sign the data use agreement, and download the files there.";

/** Health records of Table V. */
export const recordSets: readonly SurveyedDataset[] = [
  {
    ...record,
    id: "mimic-iii",
    name: "MIMIC-III",
    scale: "122K instances",
    surveyTasks: ["LM"],
    licence: "PhysioNet Credentialed Health Data License 1.5.0",
    access: "credentialed",
    citation: withDoi(
      "10.1038/sdata.2016.35",
      "MIMIC-III, a freely accessible critical care database",
      "Johnson et al.",
      2016,
      "Scientific Data 3",
    ),
    home: "https://physionet.org/content/mimiciii/",
    obtain: physionet,
    format: {
      files: "CSV tables (gzip); notes are the column TEXT of NOTEEVENTS.csv, patients SUBJECT_ID",
      reader: "table",
      options: {
        files: ["NOTEEVENTS.csv"],
        columns: { text: { kind: "texts", from: "TEXT" }, label: { kind: "classes", from: "CATEGORY" } },
        groupColumn: "SUBJECT_ID",
      },
    },
  },
  {
    ...record,
    id: "mimic-iv",
    name: "MIMIC-IV",
    scale: "299K instances",
    surveyTasks: ["LM"],
    licence: "PhysioNet Credentialed Health Data License 1.5.0",
    access: "credentialed",
    citation: withDoi(
      "10.1038/s41597-022-01899-x",
      "MIMIC-IV, a freely accessible electronic health record dataset",
      "Johnson et al.",
      2023,
      "Scientific Data 10",
    ),
    home: "https://physionet.org/content/mimiciv/",
    obtain: physionet,
    format: {
      files: "CSV tables (gzip): admissions, diagnoses, laboratory events and drugs of patients by subject_id",
      reader: "eventTables",
    },
  },
  {
    ...record,
    id: "eicu-crd",
    name: "eICU-CRDv2.0",
    scale: "200K instances",
    surveyTasks: ["LM"],
    licence: "PhysioNet Credentialed Health Data License 1.5.0; the demo under ODbL 1.0",
    access: "credentialed",
    citation: withDoi(
      "10.1038/sdata.2018.178",
      "The eICU Collaborative Research Database, a freely available multi-center database for critical care research",
      "Pollard et al.",
      2018,
      "Scientific Data 5",
    ),
    home: "https://physionet.org/content/eicu-crd/",
    obtain: `${physionet} A demo of some 2,500 stays is open: https://physionet.org/content/eicu-crd-demo/.`,
    format: {
      files: "CSV tables (gzip) by patientunitstayid, with times in minutes from admission to the unit",
      reader: "eventTables",
    },
  },
  {
    ...record,
    id: "uf-health-ehrs",
    name: "EHRs",
    spelled: "clinical notes of UF Health's Integrated Data Repository",
    scale: "82B tokens",
    surveyTasks: ["NER", "RE", "STS", "NLI", "DIAL"],
    licence: "not published",
    access: "unavailable",
    citation: withDoi(
      "10.1038/s41746-022-00742-2",
      "A large language model for electronic health records",
      "Yang et al.",
      2022,
      "npj Digital Medicine 5",
    ),
    obtain:
      "Not to be had outside the University of Florida; the models that were trained on it are on the Hugging Face hub.",
  },
  {
    ...record,
    id: "md-ehr",
    name: "MD-HER",
    spelled: "MD-EHR",
    languages: ["zh"],
    scale: "96K instances",
    surveyTasks: ["DIAL", "QA"],
    licence: "not published",
    access: "unavailable",
    citation: arxiv(
      "2306.09968",
      "ClinicalGPT: Large Language Models Finetuned with Diverse Medical Data and Comprehensive Evaluation",
      "Wang et al.",
      2023,
    ),
    obtain: "Not to be had: the paper describes hospital records that its authors keep.",
  },
];
