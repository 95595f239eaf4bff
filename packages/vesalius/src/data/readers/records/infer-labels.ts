import { bareName } from "../../files/names.ts";
import { type Cell, numberOf, type Records } from "./records.ts";

/** What subgroups are usually made by. */
export const SUBGROUPS = new Set([
  "age",
  "sex",
  "gender",
  "race",
  "ethnicity",
  "site",
  "centre",
  "center",
  "hospital",
  "scanner",
  "manufacturer",
  "cohort",
  "batch",
  "region",
]);

/**
 * What separates the labels of a cell (`Effusion|Mass`); undefined where every cell is one. A semicolon can be part of a
 * name, and separates where what it leaves occurs again in other cells.
 */
export function separatorOf(cells: readonly Cell[]): string | undefined {
  const texts = [...new Set(cells.filter((cell) => typeof cell === "string"))];
  if (texts.some((text) => text.includes("|"))) return "|";
  if (!texts.some((text) => text.includes(";"))) return undefined;
  const parts = texts.flatMap((text) => [...new Set(text.split(";").map((part) => part.trim()))]);
  return new Set(parts).size < parts.length ? ";" : undefined;
}

/** Fields of 0 and 1 that no other role or habit explains, which are labels where there is nothing else to predict. */
export function flagFields(records: Records, fields: readonly string[]): string[] {
  const flags = fields.filter((field) => {
    const cells = records.fields.get(field)!;
    const known = cells.filter((cell) => cell !== null);
    return (
      !SUBGROUPS.has(bareName(field)) && known.length > 0 && known.every((cell) => [0, 1].includes(numberOf(cell)!))
    );
  });
  return flags.length > 1 ? flags : [];
}

/** What is said of fields that were taken for labels by their values alone. */
export function flagCaution(records: Records, fields: readonly string[]): string {
  const exclusive = Array.from({ length: records.length }, (_, row) => row).every(
    (row) => fields.filter((field) => numberOf(records.fields.get(field)![row]!) === 1).length === 1,
  );
  const listed = fields.length > 10 ? `${fields.slice(0, 10).join(", ")} ...` : fields.join(", ");
  const one = exclusive ? ", of which every example has exactly one" : "";
  return `The ${fields.length} columns of 0 and 1 (${listed}) were taken for labels${one}.`;
}
