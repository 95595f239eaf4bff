import { catalogue } from "../../common/catalogue.ts";
import { deduplicate } from "./deduplicate.ts";
import { filter } from "./filter.ts";
import { language } from "./language.ts";
import { pack } from "./pack.ts";
import { referenced } from "./referenced.ts";
import { windows } from "./windows.ts";

/** What splits can be turned into before anything is fitted to them, by name. */
export const datasetSteps = catalogue("dataset step", [pack, windows, filter, deduplicate, language, referenced]);
