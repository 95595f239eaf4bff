import type { z } from "zod";

type Issue = z.core.$ZodIssue;

const units: Readonly<Partial<Record<string, readonly [one: string, several: string]>>> = {
  string: ["character", "characters"],
  array: ["entry", "entries"],
};

function rangeMessage(issue: Extract<Issue, { code: "too_big" | "too_small" }>): string {
  const [bound, within, beside] =
    issue.code === "too_big" ? [issue.maximum, "at most", "below"] : [issue.minimum, "at least", "above"];
  const words = `${(issue.inclusive ?? true) ? within : beside} ${String(bound)}`;
  const unit = units[issue.origin]?.[Number(bound) === 1 ? 0 : 1];
  return unit === undefined ? `has to be ${words}` : `needs ${words} ${unit}`;
}

/** What a check against a schema says of one value, in words for a person. */
export const issueMessage = (issue: Issue): string =>
  issue.code === "too_big" || issue.code === "too_small"
    ? rangeMessage(issue)
    : issue.message.replace("Invalid input: ", "");
