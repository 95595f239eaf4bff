import { catalogue } from "../../../common/catalogue.ts";
import { backboneSource } from "./backbone.ts";
import { endpointSource } from "./endpoint.ts";
import { folderSource } from "./folder.ts";
import { ggufSource } from "./gguf.ts";

/** Where a language model that is asked may come from, by name. */
export const modelSources = catalogue("source of a language model", [
  backboneSource,
  folderSource,
  ggufSource,
  endpointSource,
]);
