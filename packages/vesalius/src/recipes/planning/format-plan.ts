import { Document, isMap, isPair, type Node, type Pair, type Scalar } from "yaml";
import type { PlannedRecipe, Reason } from "./plan-recipe.ts";

/** Keys of a planned recipe that stand apart. */
const apart = new Set(["data", "pretraining", "task", "adaptation", "evaluation"]);

/** Puts a reason in front of the key that it is about; of the nearest key above where the recipe does not hold that. */
function annotate(document: Document, { path, text }: Reason): void {
  for (let length = path.length; length > 0; length--) {
    const parent: unknown = document.getIn(path.slice(0, length - 1), true) ?? document.contents;
    const holder = length === 1 ? document.contents : parent;
    if (!isMap(holder)) continue;
    const pair = holder.items.find(
      (item) => isPair(item) && String((item.key as Scalar).value) === String(path[length - 1]),
    );
    if (pair === undefined) continue;
    const key = (pair as Pair<Node>).key;
    key.commentBefore =
      key.commentBefore === undefined || key.commentBefore === null ? ` ${text}` : `${key.commentBefore}\n ${text}`;
    return;
  }
}

/**
 * A planned recipe as YAML, each choice with its reason as a comment above it.
 *
 * @param schema path of the recipes' JSON Schema from the file, for editors
 */
export function formatPlan({ recipe, reasons, cautions, seconds }: PlannedRecipe, schema?: string): string {
  const document = new Document(recipe);
  for (const reason of reasons) annotate(document, reason);
  if (isMap(document.contents))
    for (const pair of document.contents.items)
      if (apart.has(String((pair.key as Scalar).value))) (pair.key as Scalar).spaceBefore = true;
  const minutes = Math.max(1, Math.round(seconds / 60));
  const head = [
    ...(schema === undefined ? [] : [`# yaml-language-server: $schema=${schema}`]),
    `# Planned from the data and this machine; takes about ${minutes} minute${minutes === 1 ? "" : "s"} of training.`,
    ...cautions.map((caution) => `# Caution: ${caution.replaceAll(/\s+/g, " ")}`),
  ];
  return `${head.join("\n")}\n${document.toString({ lineWidth: 110 })}`;
}
