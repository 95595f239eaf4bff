import { withDoi } from "../paper.ts";
import type { SurveyedDataset } from "../surveyed-dataset.ts";

const database = {
  table: "IX",
  subfield: "database",
  modality: "multiple",
  scale: "-",
  surveyTasks: ["Comprehensive database"],
} as const;

/** The comprehensive databases of Table IX. */
export const databases: readonly SurveyedDataset[] = [
  {
    ...database,
    id: "cgga",
    name: "CGGA",
    languages: ["en"],
    licence: "free for research that is not commercial",
    access: "open",
    citation: withDoi(
      "10.1016/j.gpb.2020.10.005",
      "Chinese Glioma Genome Atlas (CGGA): A Comprehensive Resource with Functional Genomic Data from Chinese Glioma Patients",
      "Zhao et al.",
      2021,
      "Genomics, Proteomics & Bioinformatics 19(1)",
    ),
    home: "http://www.cgga.org.cn",
    obtain: "Download expression matrices and clinical tables from the page for downloads.",
    format: {
      files: "text tables between tabs: genes by samples, and clinical data by sample",
      reader: "table",
      options: { covariates: true },
    },
  },
  {
    ...database,
    id: "uk-biobank",
    name: "UK Biobank",
    languages: ["en"],
    licence: "material transfer agreement of UK Biobank",
    access: "application",
    citation: withDoi(
      "10.1371/journal.pmed.1001779",
      "UK Biobank: An Open Access Resource for Identifying the Causes of a Wide Range of Complex Diseases of Middle and Old Age",
      "Sudlow et al.",
      2015,
      "PLOS Medicine 12(3)",
    ),
    home: "https://www.ukbiobank.ac.uk",
    obtain:
      "Register, apply with a research question and pay the access fee; work is done on the Research Analysis Platform.",
    format: {
      files: "CSV with one row a participant (eid) and a column for each field, instance and array index",
      reader: "table",
      options: { covariates: true },
    },
  },
  {
    ...database,
    id: "tcga",
    name: "TCGA",
    languages: ["en"],
    licence: "open data without restriction; controlled data through dbGaP",
    access: "open",
    citation: withDoi(
      "10.1038/ng.2764",
      "The Cancer Genome Atlas Pan-Cancer analysis project",
      "Weinstein et al.",
      2013,
      "Nature Genetics 45",
    ),
    home: "https://portal.gdc.cancer.gov",
    obtain: "Choose files in the Genomic Data Commons and download them with its transfer tool and the manifest.",
    format: {
      files: "text tables between tabs (clinical data, expression), slides as SVS",
      reader: "table",
      options: { covariates: true },
    },
  },
  {
    ...database,
    id: "tcia",
    name: "TCIA",
    languages: ["en"],
    licence: "of each collection, most CC BY 3.0 or 4.0",
    access: "open",
    citation: withDoi(
      "10.1007/s10278-013-9622-7",
      "The Cancer Imaging Archive (TCIA): Maintaining and Operating a Public Information Repository",
      "Clark et al.",
      2013,
      "Journal of Digital Imaging 26",
    ),
    home: "https://www.cancerimagingarchive.net",
    obtain:
      "Choose a collection and download its manifest with the NBIA Data Retriever; some collections ask for an agreement.",
    format: {
      files: "DICOM series in folders by patient, study and series, with tables of labels",
      reader: "niftiFiles",
      before: "convert the series to NIfTI (dcm2niix), one file a series",
    },
  },
];
