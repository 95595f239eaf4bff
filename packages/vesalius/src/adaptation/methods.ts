import { catalogue } from "../common/catalogue.ts";
import { adapterMethods } from "./adapter-method.ts";
import { linearProbeEntry } from "./adapters/linear-probe.ts";
import { fineTuningMethods } from "./fine-tuning/full.ts";
import { promptingEntry } from "./prompting/prompting-method.ts";

/** Every way to adapt a backbone, by name. */
export const methods = catalogue("method", [...fineTuningMethods, linearProbeEntry, ...adapterMethods, promptingEntry]);
