import { VesaliusError } from "../../common/errors.ts";
import type { Part, Split } from "../../data/index.ts";
import type { TaskSuggestion } from "../task.ts";

/**
 * The part of a role that reads two texts as a pair.
 *
 * @param columns of the two, in order
 * @throws VesaliusError `bad-configuration` for a role that reads something else, or its texts as one
 */
export function requirePair(
  parts: Readonly<Record<string, Part>>,
  role: string,
  columns: readonly [first: string, second: string],
): Part {
  const part = parts[role];
  const read = part?.columns ?? [];
  if (part !== undefined && part.encoder["pair"] === true && read.join("\n") === columns.join("\n")) return part;
  throw new VesaliusError(
    "bad-configuration",
    part === undefined
      ? `the network reads no ${role}, but ${Object.keys(parts).join(", ")}`
      : `the network reads ${role} from ${read.join(" and ")}${read.length === 2 ? " as one text" : ""}`,
    {
      where: "backbone",
      fix: `let it read a pair: inputs: { ${role}: [${columns.join(", ")}] }, encoders: { ${role}: { pair: true } }`,
    },
  );
}

/** Two texts of an example (premise and hypothesis, claim and evidence, two questions) are to be read as a pair. */
export function suggestPair(train: Split): Pick<TaskSuggestion, "together"> {
  const texts = Object.keys(train.columns).filter((name) => train.columns[name]!.kind === "texts");
  return texts.length === 2 ? { together: { columns: texts, encoder: { pair: true } } } : {};
}
