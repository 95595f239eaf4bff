import type { z } from "zod";
import { allowedKeys } from "./allowed-keys.ts";
import { nearest } from "./edit-distance.ts";

/** One thing that is wrong with a value, for a person. */
export interface Problem {
  /** Where it is: keys and positions from the top. */
  readonly path: readonly PropertyKey[];
  /** Whether the path's last part is a key that should not be there, rather than a value that is wrong. */
  readonly onKey: boolean;
  readonly message: string;
}

type Issue = z.core.$ZodIssue;

/** What tells against a form of a union; a key that it does not know or misses tells more than a wrong value. */
const weights: Readonly<Partial<Record<Issue["code"], number>>> = {
  invalid_value: 10,
  unrecognized_keys: 6,
  invalid_type: 6,
};
/** Above a wrong value or two of another form. */
const withoutForm = 30;
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

/** Problems of a union: those of the form that is closest, or what forms there are. */
function unionProblems(
  issue: Extract<Issue, { code: "invalid_union" }>,
  value: unknown,
  root: z.core.$ZodType,
): Problem[] {
  const given = valueAt(value, issue.path);
  const ranked = [...issue.errors].sort((a, b) => distance(a, given) - distance(b, given));
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
  return `"${String(given)}" is not known; ${hint}`;
}

function unknownKeys(
  issue: Extract<Issue, { code: "unrecognized_keys" }>,
  value: unknown,
  root: z.core.$ZodType,
): Problem[] {
  const allowed = allowedKeys(root, value, issue.path);
  return issue.keys.map((key) => {
    const meant = nearest(key, allowed);
    const hint = meant === undefined ? `the keys here are ${allowed.join(", ")}` : `did you mean ${meant}?`;
    return { path: [...issue.path, key], onKey: true, message: `unknown key; ${hint}` };
  });
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
      const message = missing
        ? `missing; a value of type ${issue.expected} is needed`
        : issue.message.replace("Invalid input: ", "");
      return [{ path: issue.path, onKey: false, message }];
    }
    default:
      return [{ path: issue.path, onKey: false, message: issue.message.replace("Invalid input: ", "") }];
  }
}

/**
 * Says in words what a failed check found, with the key that was probably meant in place of an unknown one.
 *
 * @param schema the schema that the value was checked against
 * @param value the value as it was given
 */
export function describeProblems(schema: z.core.$ZodType, value: unknown, error: z.core.$ZodError): Problem[] {
  return error.issues.flatMap((issue) => describe(issue, value, schema));
}

/** `adaptation.methods[0].rank` */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    return text === "" ? String(part) : `${text}.${String(part)}`;
  }, "");
}
