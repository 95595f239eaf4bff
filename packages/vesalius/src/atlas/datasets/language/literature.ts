import { arxiv, withDoi } from "../../paper.ts";
import type { SurveyedDataset } from "../../surveyed-dataset.ts";

const literature = { table: "V", subfield: "language", modality: "Literature", languages: ["en"] } as const;

/** Medical literature of Table V. */
export const literatureSets: readonly SurveyedDataset[] = [
  {
    ...literature,
    id: "pubmed",
    name: "PubMed",
    scale: "18B tokens",
    surveyTasks: ["LM"],
    licence: "terms of the National Library of Medicine; abstracts may be under copyright of their publishers",
    access: "open",
    citation: {
      title: "PubMed baseline and daily update files",
      authors: "National Library of Medicine",
      year: 2024,
      venue: "National Library of Medicine",
      url: "https://pubmed.ncbi.nlm.nih.gov/download/",
    },
    home: "https://pubmed.ncbi.nlm.nih.gov/download/",
    obtain: "Download the yearly baseline (about 1,200 files pubmedYYnNNNN.xml.gz) and the daily updates after it.",
    format: {
      files: "gzip files of XML with one PubmedArticle a citation",
      reader: "xml",
      options: { record: "PubmedArticle" },
    },
  },
  {
    ...literature,
    id: "medc-i",
    name: "MedC-I",
    spelled: "MedC-I and its instruction part, PMC-LLaMA instructions",
    scale: "79.2B tokens",
    surveyTasks: ["DIAL"],
    licence: "not stated as a whole; books are not distributed",
    access: "open",
    citation: arxiv(
      "2304.14454",
      "PMC-LLaMA: Towards Building Open-source Language Models for Medicine",
      "Wu et al.",
      2023,
    ),
    home: "https://huggingface.co/datasets/axiong/pmc_llama_instructions",
    obtain:
      "The instruction part is on the Hugging Face hub; the papers are found in S2ORC by the identifiers that the authors list, and the books have to be bought.",
    format: { files: "JSON lists of objects with instruction, input and output", reader: "jsonLines" },
  },
  {
    ...literature,
    id: "guidelines",
    name: "Guidelines",
    scale: "47K instances",
    surveyTasks: ["LM"],
    licence: "each source's own; the open part is redistributable",
    access: "open",
    citation: arxiv(
      "2311.16079",
      "MEDITRON-70B: Scaling Medical Pretraining for Large Language Models",
      "Chen et al.",
      2023,
    ),
    home: "https://huggingface.co/datasets/epfl-llm/guidelines",
    obtain:
      "Some 36,000 guidelines of eight sources are on the Hugging Face hub; the rest is fetched from its sources with the authors' scripts.",
    format: {
      files: "JSON lines with id, source, title, clean_text, raw_text, url and overview",
      reader: "jsonLines",
      options: { columns: { text: { kind: "texts", from: "clean_text" } } },
    },
  },
  {
    ...literature,
    id: "pmc-patients",
    name: "PMC-Patients",
    scale: "167K instances",
    surveyTasks: ["IR"],
    licence: "CC BY-NC-SA 4.0",
    access: "open",
    citation: withDoi(
      "10.1038/s41597-023-02814-8",
      "A large-scale dataset of patient summaries for retrieval-based clinical decision support systems",
      "Zhao et al.",
      2023,
      "Scientific Data 10",
    ),
    home: "https://huggingface.co/datasets/zhengyun21/PMC-Patients",
    obtain: "Download PMC-Patients.csv from the Hugging Face hub or Figshare; no agreement is asked for.",
    format: {
      files:
        "CSV with patient_id, patient_uid, PMID, file_path, title, patient, age, gender, relevant_articles and similar_patients",
      reader: "table",
      options: { columns: { text: { kind: "texts", from: "patient" } }, groupColumn: "PMID" },
    },
  },
];
