import { byName } from "./by-name.ts";
import { chinesePretrained } from "./methods/language/chinese-pretrained.ts";
import { chineseTuned } from "./methods/language/chinese-tuned.ts";
import { encoders } from "./methods/language/encoders.ts";
import { englishPretrained } from "./methods/language/english-pretrained.ts";
import { englishTuned } from "./methods/language/english-tuned.ts";
import { prompted } from "./methods/language/prompted.ts";
import type { SurveyedMethod } from "./surveyed-method.ts";

/** Every method of the survey's tables that has a recipe here. */
export const surveyedMethods: readonly SurveyedMethod[] = [
  ...encoders,
  ...chinesePretrained,
  ...chineseTuned,
  ...englishPretrained,
  ...englishTuned,
  ...prompted,
];

/**
 * A method by its identifier or its name, without case.
 *
 * @throws VesaliusError `bad-argument` for a name that stands for none, with the one that is most like it
 */
export const surveyedMethod = (name: string): SurveyedMethod => byName("method", surveyedMethods, name);
