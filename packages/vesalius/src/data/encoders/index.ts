import { catalogue } from "../../common/catalogue.ts";
import { classMap } from "./class-map.ts";
import { classes } from "./classes.ts";
import { maskedTokens } from "./masked-tokens.ts";
import { nextTokens } from "./next-tokens.ts";
import { pixels } from "./pixels.ts";
import { tokenLabels } from "./token-labels.ts";
import { tokens } from "./tokens.ts";
import { voxels } from "./voxels.ts";

/** Everything that turns values of columns into inputs of a graph, by name. */
export const encoders = catalogue("encoder", [
  pixels,
  voxels,
  classes,
  classMap,
  tokens,
  tokenLabels,
  maskedTokens,
  nextTokens,
]);
