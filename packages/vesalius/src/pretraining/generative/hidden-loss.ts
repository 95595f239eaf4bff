import { type Loss, tokenLoss, vocabularyOf } from "../../tasks/index.ts";
import type { ObjectiveContext } from "../objective.ts";

/**
 * Cross-entropy of what an encoder has hidden of a role, whose input `labels` says what it is.
 *
 * @param mostHidden share of the places of a row that may be labelled
 */
export function hiddenLoss(
  { inputs, features, backbone }: Pick<ObjectiveContext, "inputs" | "features" | "backbone">,
  { role, dropout, mostHidden }: { readonly role: string; readonly dropout: boolean; readonly mostHidden: number },
): Loss {
  const labels = inputs[role]!["labels"]!;
  const most = Math.ceil(labels.shape[1]! * Math.min(1, mostHidden)) + 4;
  const vocabulary = vocabularyOf(backbone.network, role)!;
  return tokenLoss(vocabulary(features(undefined, undefined, dropout)), labels, most);
}
