import { catalogue } from "../common/catalogue.ts";
import { maskedExpressionEntry } from "./generative/masked-expression.ts";
import { maskedImageModellingEntry } from "./generative/masked-image-modelling.ts";
import { maskedTokensEntry } from "./generative/masked-tokens.ts";
import { nextTokenEntry } from "./generative/next-token.ts";

/** Everything that a backbone can be pretrained for, by name. */
export const objectives = catalogue("objective", [
  maskedImageModellingEntry,
  maskedTokensEntry,
  nextTokenEntry,
  maskedExpressionEntry,
]);
