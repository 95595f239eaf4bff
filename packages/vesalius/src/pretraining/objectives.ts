import { catalogue } from "../common/catalogue.ts";
import { maskedImageModellingEntry } from "./generative/masked-image-modelling.ts";

/** Everything that a backbone can be pretrained for, by name. */
export const objectives = catalogue("objective", [maskedImageModellingEntry]);
