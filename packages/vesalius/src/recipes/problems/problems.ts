import type { z } from "zod";
import { issueMessage } from "../../common/issue-message.ts";
import { allowedKeys } from "./allowed-keys.ts";
import { nearest } from "../../common/edit-distance.ts";

/** One thing that is wrong with a value, for a person. */
export interface Problem {
  /** Where it is: keys and positions from the top. */
  readonly path: readonly PropertyKey[];
  /** Whether the path's last part is a key that should not be there, rather than a value that is wrong. */
  readonly onKey: boolean;
  readonly message: string;
  /** How many others it stands for, of which nothing more is said. */
  readonly counted?: number;
}

/** Problems that are said in words; of those behind them only the number is. */
const mostProblems = 20;

/** The first problems, and one that says how many more there are. */
export function firstProblems(problems: readonly Problem[], more = 0): Problem[] {
  const said = problems.filter(({ counted }) => counted === undefined);
  const first = said.slice(0, mostProblems);
  const counted = problems.reduce((sum, problem) => sum + (problem.counted ?? 0), more + said.length - first.length);
  return counted === 0 ? first : [...first, { path: [], onKey: false, message: `and ${counted} more`, counted }];
}

const shortened = (text: string): string => (text.length <= 80 ? text : `${text.slice(0, 77)}...`);

type Issue = z.core.$ZodIssue;

/** What tells against a form of a union; a key that it does not know or misses tells more than a wrong value. */
const weights: Readonly<Partial<Record<Issue["code"], number>>> = {
  invalid_value: 10,
  unrecognized_keys: 6,
  invalid_type: 6,
};
/** Above a wrong value or two of another form. */
const withoutForm = 30;
const otherForm = 100;
const otherType = 1000;

/** Whether what a value lacks is the key that says which form of a union it has. */
const lacksDiscriminator = (issue: Issue, value: unknown): boolean =>
  issue.code === "invalid_union" && issue.errors.length === 0 && valueAt(value, issue.path) === undefined;

/** How little a form of a union resembles what was written; the closest is what was meant. */
function distance(issues: readonly Issue[], value: unknown): number {
  if (issues.some((issue) => issue.path.length === 0 && issue.code === "invalid_type")) return otherType;
  return issues.reduce(
    (sum, issue) => sum + (lacksDiscriminator(issue, value) ? withoutForm : (weights[issue.code] ?? 1)),
    0,
  );
}

/** Whether a value lacks what a form needs, and has keys that another form knows instead. */
function isOfAnother(issues: readonly Issue[], value: unknown, known: ReadonlySet<string>): boolean {
  const lacks = issues.some(({ code, path }) => code === "invalid_type" && valueAt(value, path) === undefined);
  return (
    lacks && issues.some((issue) => issue.code === "unrecognized_keys" && issue.keys.some((key) => known.has(key)))
  );
}

/** Problems of a union: those of the form that is closest, or what forms there are. */
function unionProblems(
  issue: Extract<Issue, { code: "invalid_union" }>,
  value: unknown,
  root: z.core.$ZodType,
): Problem[] {
  const given = valueAt(value, issue.path);
  const known = new Set(allowedKeys(root, value, issue.path));
  const far = (errors: readonly Issue[]): number =>
    distance(errors, given) + (isOfAnother(errors, given, known) ? otherForm : 0);
  const ranked = [...issue.errors].sort((a, b) => far(a) - far(b));
  const closest = ranked[0];
  if (closest === undefined || distance(closest, given) >= otherType) {
    const options = "options" in issue && Array.isArray(issue.options) ? issue.options.map(String) : [];
    return [
      {
        path: issue.path,
        onKey: false,
        message: choiceMessage(given, options) ?? expectedOf(issue),
      },
    ];
  }
  return closest.flatMap((inner) => describe({ ...inner, path: [...issue.path, ...inner.path] }, value, root));
}

const expectedOf = (issue: Extract<Issue, { code: "invalid_union" }>): string => {
  const kinds = issue.errors.flatMap((errors) =>
    errors.flatMap((error) => ("expected" in error ? [String(error.expected)] : [])),
  );
  return kinds.length === 0 ? issue.message : `expected ${[...new Set(kinds)].join(" or ")}`;
};

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | null | undefined)?.[key], value);
}

function choiceMessage(given: unknown, options: readonly string[]): string | undefined {
  if (options.length === 0) return undefined;
  if (given === undefined) return `missing; write one of ${options.join(", ")}`;
  if (typeof given !== "string" && typeof given !== "number") return `write one of ${options.join(", ")}`;
  const meant = nearest(String(given), options);
  const hint = meant === undefined ? `choose one of ${options.join(", ")}` : `did you mean ${meant}?`;
  return `"${shortened(String(given))}" is not known; ${hint}`;
}

function unknownKeys(
  issue: Extract<Issue, { code: "unrecognized_keys" }>,
  value: unknown,
  root: z.core.$ZodType,
): Problem[] {
  const allowed = allowedKeys(root, value, issue.path);
  const described = issue.keys.slice(0, mostProblems).map((key): Problem => {
    const at = { path: [...issue.path, key], onKey: true };
    if (allowed.includes(key)) return { ...at, message: "this key does not go with the others here" };
    const meant = nearest(key, allowed);
    const hint = meant === undefined ? `the keys here are ${allowed.join(", ")}` : `did you mean ${meant}?`;
    return { ...at, message: `unknown key; ${hint}` };
  });
  return firstProblems(described, issue.keys.length - described.length);
}

function describe(issue: Issue, value: unknown, root: z.core.$ZodType): Problem[] {
  switch (issue.code) {
    case "unrecognized_keys":
      return unknownKeys(issue, value, root);
    case "invalid_union":
      return unionProblems(issue, value, root);
    case "invalid_value": {
      const message = choiceMessage(valueAt(value, issue.path), issue.values.map(String)) ?? issue.message;
      return [{ path: issue.path, onKey: false, message }];
    }
    case "invalid_type": {
      const missing = valueAt(value, issue.path) === undefined;
      const message = missing ? `missing; a value of type ${issue.expected} is needed` : issueMessage(issue);
      return [{ path: issue.path, onKey: false, message }];
    }
    default:
      return [{ path: issue.path, onKey: false, message: issueMessage(issue) }];
  }
}

/**
 * Says in words what a failed check found, with the key that was probably meant in place of an unknown one.
 *
 * @param schema the schema that the value was checked against
 * @param value the value as it was given
 * @returns the first twenty, and how many more there are
 */
export function describeProblems(schema: z.core.$ZodType, value: unknown, error: z.core.$ZodError): Problem[] {
  const issues = error.issues.slice(0, mostProblems);
  const problems = issues.flatMap((issue) => describe(issue, value, schema));
  return firstProblems(problems, error.issues.length - issues.length);
}

/** `adaptation.methods[0].rank` */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    return text === "" ? shortened(String(part)) : `${text}.${shortened(String(part))}`;
  }, "");
}
