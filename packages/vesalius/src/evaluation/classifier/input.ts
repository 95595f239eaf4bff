import { VesaliusError } from "../../common/errors.ts";
import { requireLength } from "../metrics/input-checks.ts";
import { requireClassScores } from "../metrics/roc-multiclass.ts";
import { type AttributeColumn } from "../statistics/subgroups.ts";

/** The answers of a classifier on a test set. Row i of every column belongs to case i. */
export interface ClassificationCases {
  /** `[count]` true class indices. */
  readonly labels: Int32Array;
  /** `[count, classes]` softmax over the classes. */
  readonly probabilities: Float32Array | Float64Array;
  /** Class names; the position is the class index. */
  readonly classNames: readonly string[];
  /**
   * Name or index of the class that a clinician would call positive. The second class where there are two and nothing
   * is said; none where there are more.
   */
  readonly positiveClass?: string | number;
  /** Whether the order of the classes means something (grades of a disease). */
  readonly orderedClasses?: boolean;
  /** Columns to divide into subgroups: site, sex, age. */
  readonly attributes?: Readonly<Record<string, AttributeColumn>>;
  /** `[count]` patient of each case; whole patients are resampled then. */
  readonly groups?: readonly string[];
  /** `[count]` unique identifiers. They appear in the report, next to the worst mistakes. */
  readonly ids?: readonly string[];
  /** Seed of the bootstrap; 0 when left out. */
  readonly seed?: number;
  /** Number of bootstrap resamples; 1000 when left out. */
  readonly resamples?: number;
  /** Subgroups with fewer cases get no figures; 20 when left out. */
  readonly minimumSubgroupSize?: number;
}

function requireNames(classNames: readonly string[]): void {
  if (classNames.some((name) => name === "") || new Set(classNames).size !== classNames.length) {
    throw new VesaliusError("bad-argument", "class names are empty or occur twice", {
      where: "classNames",
      fix: "give every class its own name",
    });
  }
}

function requireSeveralClasses(classCounts: readonly number[], classNames: readonly string[]): void {
  const present = classNames.filter((_, index) => classCounts[index]! > 0);
  if (present.length < 2) {
    throw new VesaliusError("bad-data", `every case is of class ${present.join()}`, {
      where: "labels",
      fix: "evaluate on a split that holds at least two classes; almost no figure is defined for one",
    });
  }
}

function requireUniqueIds(ids: readonly string[]): void {
  const seen = new Set<string>();
  for (const [row, id] of ids.entries()) {
    if (seen.has(id)) {
      throw new VesaliusError("bad-data", "a case occurs twice", {
        where: `ids, row ${row}`,
        fix: "leave out the padding rows of the last batch, and check the split for repeated cases",
      });
    }
    seen.add(id);
  }
}

/** Number of cases of each class. */
export function countClasses(labels: ArrayLike<number>, classes: number): number[] {
  const counts = Array<number>(classes).fill(0);
  for (let row = 0; row < labels.length; row++) counts[labels[row]!]! += 1;
  return counts;
}

function indexOfClass(positiveClass: string | number | undefined, classNames: readonly string[]): number | undefined {
  if (positiveClass === undefined) return classNames.length === 2 ? 1 : undefined;
  const index = typeof positiveClass === "number" ? positiveClass : classNames.indexOf(positiveClass);
  if (classNames[index] === undefined) {
    throw new VesaliusError("bad-argument", `there is no class ${positiveClass}`, {
      where: "positiveClass",
      fix: `choose one of ${classNames.join(", ")}`,
    });
  }
  return index;
}

/** Checks all that can be wrong with the cases before anything is computed; throws as `evaluateClassification` says. */
export function checkCases(cases: ClassificationCases): {
  readonly classCounts: number[];
  readonly positiveClass: number | undefined;
} {
  const { labels, probabilities, classNames, groups, ids } = cases;
  requireNames(classNames);
  requireClassScores({ labels, probabilities, classes: classNames.length });
  for (const [name, column] of Object.entries({ groups, ids })) {
    if (column !== undefined) requireLength(column.length, labels.length, name);
  }
  if (ids !== undefined) requireUniqueIds(ids);
  const classCounts = countClasses(labels, classNames.length);
  requireSeveralClasses(classCounts, classNames);
  return { classCounts, positiveClass: indexOfClass(cases.positiveClass, classNames) };
}
