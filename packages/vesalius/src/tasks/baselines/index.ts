import { catalogue } from "../../common/catalogue.ts";
import { codeFrequencyBaseline } from "./code-frequency.ts";
import { coxRegressionBaseline } from "./cox-regression.ts";

/** Models without a network that networks are held against, by name. */
export const baselines = catalogue("baseline", [coxRegressionBaseline, codeFrequencyBaseline]);

export type { BaselineContext, BaselineModel } from "./baseline.ts";
