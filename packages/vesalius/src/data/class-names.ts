import { VesaliusError } from "../common/errors.ts";
import type { DatasetCard } from "./dataset-card.ts";

/**
 * Class names of a dataset card, by class index.
 *
 * @throws VesaliusError `bad-configuration` where the indices are not 0, 1, 2 ... or two classes share a name.
 */
export function cardClassNames(card: DatasetCard): string[] | undefined {
  if (card.labels === undefined) return undefined;
  if (Array.isArray(card.labels)) return card.labels;
  const entries = Object.entries(card.labels).sort(([a], [b]) => Number(a) - Number(b));
  const gap = entries.findIndex(([index], position) => index !== String(position));
  if (gap >= 0) {
    throw new VesaliusError("bad-configuration", `class index ${gap} has no name (found "${entries[gap]![0]}")`, {
      where: `dataset.json of ${card.name}, labels`,
      fix: `name the classes by their index: {"0": "normal", "1": "pneumonia"}`,
    });
  }
  const names = entries.map(([, name]) => name);
  if (new Set(names).size < names.length) {
    throw new VesaliusError("bad-configuration", "two classes have the same name", {
      where: `dataset.json of ${card.name}, labels`,
    });
  }
  return names;
}

/** Distinct class names as found in a table or in folder names: in number order where all are numbers, else by text. */
export function distinctClassNames(texts: Iterable<string>): string[] {
  const names = [...new Set(texts)];
  const numeric = names.every((name) => /^\d+$/.test(name));
  return numeric ? names.sort((a, b) => Number(a) - Number(b)) : names.sort();
}

/**
 * Class index of a label text: the position of its name, or the index itself where it is written as a number.
 *
 * @throws VesaliusError `bad-data` for a label that is neither.
 */
export function classIndex(text: string, names: readonly string[], where: string): number {
  const position = names.indexOf(text);
  if (position >= 0) return position;
  if (/^\d+$/.test(text) && Number(text) < names.length) return Number(text);
  // The label is not quoted: in a wrong column it could be anything about a patient.
  const listed = names.length > 20 ? `${names.slice(0, 20).join(", ")} ...` : names.join(", ");
  throw new VesaliusError("bad-data", `the label is not among the ${names.length} classes ${listed}`, {
    where,
    fix: "correct the label, or give the full list of classes as the labels of dataset.json",
  });
}
