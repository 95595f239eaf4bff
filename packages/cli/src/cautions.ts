import { type Dataset, lossesOf, type Split } from "vesalius/data";
import type { Model } from "vesalius/tasks";
import type { Output } from "./output.ts";

/**
 * Says what was left out or changed while data were read for a model, and what the model does not see of them because of
 * the size and channels that it reads.
 *
 * @returns what was said
 */
export function sayCautions({ card }: Dataset, splits: readonly Split[], model: Model, output: Output): string[] {
  const cautions = [...card.cautions, ...lossesOf(splits, model.plan())];
  for (const caution of cautions) output.note(`caution: ${caution}`);
  return cautions;
}
