import { VesaliusError } from "../../common/errors.ts";

/** One entry of a FASTA file. */
export interface FastaEntry {
  /** First word after `>`. */
  readonly id: string;
  /** What follows it on the line. */
  readonly description: string;
  /** Letters as written, joined over lines. */
  readonly sequence: string;
  /** Line of its header, from 1. */
  readonly line: number;
}

/**
 * Reads the entries of a FASTA file.
 *
 * @throws VesaliusError `bad-data` with the line for letters before the first header, an entry without an identifier or
 * without letters, or a file without entries
 */
export function readFasta(text: string, where: string): FastaEntry[] {
  const entries: { id: string; description: string; parts: string[]; line: number }[] = [];
  for (const [i, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    const at = `${where}, line ${i + 1}`;
    if (line === "") continue;
    if (line.startsWith(">")) {
      const [, id = "", description = ""] = /^>\s*(\S*)\s*(.*)$/.exec(line) ?? [];
      if (id === "") throw new VesaliusError("bad-data", "the header names no sequence", { where: at });
      entries.push({ id, description, parts: [], line: i + 1 });
    } else {
      const last = entries.at(-1);
      if (last === undefined)
        throw new VesaliusError("bad-data", "letters stand before the first header", {
          where: at,
          fix: "a FASTA file begins with >",
        });
      last.parts.push(line.replaceAll(/\s/g, ""));
    }
  }
  if (entries.length === 0) throw new VesaliusError("bad-data", "the file holds no sequences", { where });
  return entries.map(({ id, description, parts, line }) => {
    const sequence = parts.join("");
    if (sequence === "")
      throw new VesaliusError("bad-data", "the sequence is empty", { where: `${where}, line ${line}` });
    return { id, description, sequence, line };
  });
}
