import { catalogue } from "../../common/catalogue.ts";
import { coxRegressionBaseline } from "./cox-regression.ts";

/** Models without a network that networks are held against, by name. */
export const baselines = catalogue("baseline", [coxRegressionBaseline]);

export type { BaselineContext, BaselineModel } from "./baseline.ts";
