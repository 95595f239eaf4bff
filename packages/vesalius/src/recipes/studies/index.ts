import { catalogue } from "../../common/catalogue.ts";
import { crossValidation } from "./cross-validation.ts";
import { labelEfficiency } from "./label-efficiency.ts";
import { missingModality } from "./missing-modality.ts";

/** Questions beside the comparison of methods. */
export const studies = catalogue("study", [labelEfficiency, missingModality, crossValidation]);

export type { Study, StudyData, StudyPoint, StudyRecipe, StudyResult } from "./study.ts";
