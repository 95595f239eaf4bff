import { catalogue } from "../common/catalogue.ts";
import { contrastEntry } from "./contrastive/contrast.ts";
import { simclrEntry } from "./contrastive/simclr.ts";
import { denoisingEntry, spanCorruptionEntry } from "./generative/denoising.ts";
import { maskedCodesEntry } from "./generative/masked-codes.ts";
import { maskedExpressionEntry } from "./generative/masked-expression.ts";
import { maskedImageModellingEntry } from "./generative/masked-image-modelling.ts";
import { maskedTokensEntry } from "./generative/masked-tokens.ts";
import { nextSentenceEntry } from "./generative/next-sentence.ts";
import { nextTokenEntry } from "./generative/next-token.ts";
import { restorationEntry } from "./generative/restoration.ts";
import { type Objectives, weightedEntry } from "./weighted.ts";

/** Everything that a backbone can be pretrained for, by name. */
export const objectives = catalogue("objective", [
  maskedImageModellingEntry,
  maskedTokensEntry,
  maskedCodesEntry,
  nextTokenEntry,
  nextSentenceEntry,
  denoisingEntry,
  spanCorruptionEntry,
  maskedExpressionEntry,
  restorationEntry,
  contrastEntry,
  simclrEntry,
  weightedEntry((): ReturnType<Objectives> => objectives as unknown as ReturnType<Objectives>),
]);
