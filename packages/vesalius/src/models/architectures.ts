import { catalogue } from "../common/catalogue.ts";
import { bert } from "./language/bert-network.ts";
import { vitArchitecture } from "./vision/vit-architecture.ts";

/** Every architecture that a recipe can name; each one is a file and a line here. */
export const architectures = catalogue("architecture", [bert, vitArchitecture]);
