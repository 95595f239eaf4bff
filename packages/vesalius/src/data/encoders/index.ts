import { catalogue } from "../../common/catalogue.ts";
import { answerSpan } from "./answer-span.ts";
import { answerTokens } from "./answer-tokens.ts";
import { categories } from "./categories.ts";
import { classMap } from "./class-map.ts";
import { classes } from "./classes.ts";
import { conversation } from "./conversation.ts";
import { codesTarget } from "./codes-target.ts";
import { events } from "./events.ts";
import { expressionProfile } from "./expression-profile.ts";
import { genes } from "./genes.ts";
import { labelsTarget } from "./labels-target.ts";
import { maskedCodes } from "./masked-codes.ts";
import { maskedExpression } from "./masked-expression.ts";
import { maskedTokens } from "./masked-tokens.ts";
import { noisedTokens } from "./noised-tokens.ts";
import { nextTokens } from "./next-tokens.ts";
import { numbers } from "./numbers.ts";
import { pixels } from "./pixels.ts";
import { plainNumbers } from "./plain-numbers.ts";
import { preferencePair } from "./preference-pair.ts";
import { regressionTarget } from "./regression-target.ts";
import { relevance } from "./relevance.ts";
import { rightChoice } from "./right-choice.ts";
import { sentencePairs } from "./sentence-pairs.ts";
import { pairRelations, spanPairs } from "./span-pairs.ts";
import { tokenChoices } from "./token-choices.ts";
import { timelineTokens } from "./timeline-tokens.ts";
import { tokenLabels } from "./token-labels.ts";
import { tokens } from "./tokens.ts";
import { voxels } from "./voxels.ts";

/** Everything that turns values of columns into inputs of a graph, by name. */
export const encoders = catalogue("encoder", [
  pixels,
  voxels,
  classMap,
  tokens,
  maskedTokens,
  nextTokens,
  sentencePairs,
  tokenLabels,
  answerSpan,
  spanPairs,
  pairRelations,
  tokenChoices,
  rightChoice,
  conversation,
  answerTokens,
  preferencePair,
  noisedTokens,
  timelineTokens,
  maskedCodes,
  codesTarget,
  genes,
  maskedExpression,
  expressionProfile,
  numbers,
  categories,
  classes,
  labelsTarget,
  regressionTarget,
  plainNumbers,
  events,
  relevance,
]);
