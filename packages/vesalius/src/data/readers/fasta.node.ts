import { join } from "node:path";
import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { endingOf, stemOf, usualSplit } from "../files/names.ts";
import { findColumn, readTable } from "../files/table.node.ts";
import { type FastaEntry, readFasta } from "./fasta.ts";
import { type FoundData, readerEntry } from "./reader.ts";
import { alphabetOf } from "./records/infer-columns.node.ts";
import { readRecords, recordSettings } from "./records/read-records.node.ts";
import { type Cell, fieldsOf, joinRecords, recordsOfTable } from "./records/records.ts";

const settings = z.strictObject({
  splitColumn: recordSettings.splitColumn,
  groupColumn: recordSettings.groupColumn,
  attributes: recordSettings.attributes,
  target: recordSettings.target,
  only: recordSettings.only,
  /** FASTA files; all in the folder without it. */
  files: z.array(z.string().min(1)).min(1).optional(),
  /** Table with a column `id` and, as far as known, `label`, `split` and `group`; found without it. */
  table: z.string().min(1).optional(),
  /** What the letters stand for; found by the letters without it. */
  alphabet: z.enum(["dna", "rna", "protein"]).optional(),
  /** Names of the classes by index. */
  labels: z.array(z.string().min(1)).min(1).optional(),
});

const isFasta = (file: string): boolean => ["fa", "fasta", "faa", "fna", "ffn", "frn"].includes(endingOf(file));
const POSITIVE = /^(pos|positive|positives)$/i;
const NEGATIVE = /^(neg|negative|negatives)$/i;

/** Class that a file of only one class stands for. */
function classOfFile(file: string): string | undefined {
  const stem = stemOf(file);
  if (POSITIVE.test(stem)) return "1";
  return NEGATIVE.test(stem) ? "0" : undefined;
}

/** `label=enhancer` or `label:enhancer` in what follows the identifier. */
const classOfHeader = ({ description }: FastaEntry): string | undefined =>
  /(?:^|[\s|;])label[=:]([^\s|;]+)/i.exec(description)?.[1];

async function tableOf({ folder, entries }: FoundData, named: string | undefined) {
  const tables = entries.files.filter((file) => ["csv", "tsv"].includes(endingOf(file)));
  if (named === undefined && tables.length > 1)
    throw new VesaliusError("bad-data", `it is not clear which table describes the sequences: ${tables.join(", ")}`, {
      where: folder.path,
      fix: (option) => `name it with ${option("table")}`,
    });
  const file = named ?? tables[0];
  if (file === undefined) return undefined;
  const where = join(folder.root, file);
  const table = readTable(await folder.text(file), where);
  const column = findColumn(table.names, ["id", "name", "sequence_id", "accession"]);
  if (column < 0) throw new VesaliusError("bad-data", "the table has no column id", { where });
  const records = new Map<string, ReadonlyMap<string, Cell>>();
  for (const [row, record] of recordsOfTable(table).entries()) {
    const id = table.rows[row]![column]!;
    if (records.has(id))
      throw new VesaliusError("bad-data", "the identifier occurs twice", { where: `${where}, row ${row + 1}` });
    const others = new Map(record);
    others.delete(table.names[column]!);
    records.set(id, others);
  }
  return { where, records, cautions: table.cautions };
}

/** DNA, RNA or protein sequences. */
export const fasta = readerEntry({
  name: "fasta",
  summary:
    "Sequences in FASTA files: positives and negatives, one file a split, or a table of id, label, split, group.",
  looksFor: "files .fa, .fasta, .faa, .fna, packed or not",
  settings,
  recognises: ({ entries: { files } }) => Promise.resolve(files.some(isFasta)),
  create:
    ({ files: named, table: tableFile, alphabet, labels, ...options }) =>
    async (found) => {
      const { folder, entries } = found;
      const files = named ?? entries.files.filter(isFasta);
      const table = await tableOf(found, tableFile);
      const used = new Set<string>();
      const read = [];
      for (const file of files) {
        const where = join(folder.root, file);
        const records = readFasta(await folder.text(file), where).map((entry): ReadonlyMap<string, Cell> => {
          const at = `${where}, line ${entry.line}`;
          if (used.has(entry.id)) throw new VesaliusError("bad-data", "the identifier occurs twice", { where: at });
          used.add(entry.id);
          const described = table?.records.get(entry.id);
          if (table !== undefined && described === undefined)
            throw new VesaliusError("bad-data", "the sequence is not in the table", {
              where: at,
              fix: `describe it in ${table.where}`,
            });
          const own = classOfFile(file) ?? classOfHeader(entry);
          const listed = described?.get("label");
          if (own !== undefined && typeof listed === "string" && Number(listed) !== Number(own) && listed !== own)
            throw new VesaliusError("bad-data", "the table gives another label than the file", { where: at });
          return new Map<string, Cell>([
            ["id", entry.id],
            ["sequence", entry.sequence.toUpperCase()],
            ...(own === undefined ? [] : ([["label", own]] as const)),
            ...(described ?? []),
          ]);
        });
        const split = usualSplit(stemOf(file));
        read.push({ where, split, ...fieldsOf(records) });
      }
      const missing = (table?.records.size ?? used.size) - used.size;
      if (missing > 0)
        throw new VesaliusError("bad-data", `${missing} entries of the table have no sequence`, {
          where: table!.where,
        });
      const all = joinRecords(read);
      const letters = alphabet ?? alphabetOf(all.fields.get("sequence")!);
      if (letters === undefined) {
        throw new VesaliusError("bad-data", "the sequences have letters of no alphabet", {
          where: folder.path,
          fix: (option) => `say which is meant with ${option("alphabet")}, and the place of the letter is named`,
        });
      }
      const target = options.target ?? (all.fields.has("label") ? "label" : undefined);
      const numbered = files.some((file) => classOfFile(file) !== undefined);
      const made = await readRecords(all, { ...options, target, storage: "auto", covariates: false }, found, {
        labels: labels ?? (numbered ? ["negative", "positive"] : undefined),
        alphabet: letters,
      });
      return { ...made, cautions: [...(table?.cautions ?? []), ...(made.cautions ?? [])] };
    },
});
