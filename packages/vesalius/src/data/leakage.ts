import { VesaliusError } from "../common/errors.ts";
import type { ImageSplit } from "./image-dataset.ts";

/** Two images in different splits that must not be: one group (patient) or byte-identical. */
export interface Leak {
  readonly reason: "group" | "identical image";
  /** Position in the earlier split of the pair. */
  readonly index: number;
  /** `id` of both images. */
  readonly ids: readonly [string, string];
  readonly splits: readonly [ImageSplit["name"], ImageSplit["name"]];
}

function firstIndex(keys: readonly string[] | undefined): Map<string, number> {
  const index = new Map<string, number>();
  keys?.forEach((key, position) => {
    if (!index.has(key)) index.set(key, position);
  });
  return index;
}

/**
 * Images of `split` whose group or exact content also occurs in `other`; each is listed once. Groups and fingerprints
 * that a split does not carry are not compared.
 */
export function findLeaks(split: ImageSplit, other: ImageSplit): Leak[] {
  const groups = firstIndex(other.groups);
  const contents = firstIndex(other.fingerprints);
  const leaks: Leak[] = [];
  for (let index = 0; index < split.length; index++) {
    const group = split.groups?.[index];
    const content = split.fingerprints?.[index];
    const sameGroup = group === undefined ? undefined : groups.get(group);
    const sameContent = content === undefined ? undefined : contents.get(content);
    const match = sameContent ?? sameGroup;
    if (match === undefined) continue;
    leaks.push({
      reason: sameContent === undefined ? "group" : "identical image",
      index,
      ids: [split.ids[index]!, other.ids[match]!],
      splits: [split.name, other.name],
    });
  }
  return leaks;
}

/**
 * The error for leaks between splits: how many, of which kind, and the first few pairs. Group values are left out of
 * it, since they can be patient numbers.
 */
export function leakageError(leaks: readonly Leak[], dataset: string): VesaliusError {
  const examples = leaks
    .slice(0, 5)
    .map(({ reason, ids, splits }) => `${ids[0]} (${splits[0]}) and ${ids[1]} (${splits[1]}): ${reason}`);
  const more = leaks.length > examples.length ? `, and ${leaks.length - examples.length} more` : "";
  return new VesaliusError(
    "data-leakage",
    `${leaks.length} image${leaks.length === 1 ? "" : "s"} of one split share a group or all bytes with another split: ${examples.join("; ")}${more}`,
    {
      where: dataset,
      fix: `correct the splits, or open the set with leakage: "drop-from-train" to leave such training images out`,
    },
  );
}
