import { catalogue } from "../common/catalogue.ts";
import { diagnosisEntry } from "./language/diagnosis/diagnosis.node.ts";
import { educationEntry } from "./language/education/education.node.ts";
import { consultationEntry } from "./language/consultation/consultation.node.ts";
import { reportGenerationEntry } from "./language/report-generation/report-generation.node.ts";

/** The survey's applications that can be used, by name. */
export const applications = catalogue("application", [
  diagnosisEntry,
  reportGenerationEntry,
  educationEntry,
  consultationEntry,
]);
