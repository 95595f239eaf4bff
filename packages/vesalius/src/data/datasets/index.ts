/** Datasets that a program draws. A new generator is a file beside this one, its test, and a line in the list. */
import { catalogue } from "../../common/catalogue.ts";
import { syntheticRadiographsGenerator } from "./synthetic-radiographs.ts";

/** Every generator of datasets. */
export const generators = catalogue("generator", [syntheticRadiographsGenerator]);
