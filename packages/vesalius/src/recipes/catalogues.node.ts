import { readers } from "../data/index.node.ts";
import { builtIn, type Catalogues } from "./catalogues.ts";

/** The library's own lists, with the readers of folders. */
export const builtInCatalogues: Catalogues = { ...builtIn, readers: readers };
