/** What of a run's folder has to be the same however often the run was killed. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Keys whose values are times, energy or memory, or are made of them. */
const varying = new Set(
  "checksum,checksums,cost,energy,memoryGiB,seconds,time,totalSeconds,waitingShare,wattHours".split(","),
);

/** @param {unknown} value @returns {unknown} */
function withoutTimes(value) {
  if (Array.isArray(value)) return value.map(withoutTimes);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      // The size of a file with times depends on their digits.
      .filter(([key, item]) => !varying.has(key) && !(key.endsWith(".json") && typeof item === "number"))
      .map(([key, item]) => [key, withoutTimes(item)]),
  );
}

/**
 * The content of a run's folder by name: bytes of weights, answers and metrics; records and reports up to their times.
 *
 * @param {string} folder
 * @returns {Map<string, string>}
 */
export function contentOf(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files
      .map((entry) => {
        const path = join(entry.parentPath, entry.name);
        const name = path.slice(folder.length + 1);
        if (name.endsWith(".html")) return [name, readFileSync(path, "utf8").trimEnd().slice(-7)];
        if (!name.endsWith(".json")) return [name, readFileSync(path).toString("base64")];
        return [name, JSON.stringify(withoutTimes(JSON.parse(readFileSync(path, "utf8"))))];
      })
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/**
 * Names of files that differ, are missing or should not be there.
 *
 * @param {ReadonlyMap<string, string>} expected
 * @param {ReadonlyMap<string, string>} found
 */
export const differingFiles = (expected, found) =>
  [...new Set([...expected.keys(), ...found.keys()])].filter((name) => expected.get(name) !== found.get(name));
