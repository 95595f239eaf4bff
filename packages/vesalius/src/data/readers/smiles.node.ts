import { join } from "node:path";
import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { moleculesColumn } from "../columns/molecules.ts";
import { smilesFault } from "../columns/smiles-syntax.ts";
import { endingOf } from "../files/names.ts";
import { dividedBySplit } from "./examples.ts";
import { readerEntry } from "./reader.ts";
import { filesOf, splitOfFile } from "./record-parts.node.ts";

const settings = z.strictObject({
  /** Files to read, where the folder holds others too. */
  files: z.array(z.string().min(1)).min(1).optional(),
});

const isSmiles = (file: string): boolean => ["smi", "smiles"].includes(endingOf(file));

/** Molecules as Open Babel and RDKit write them: one a line, with its name behind a space. */
export const smiles = readerEntry({
  name: "smiles",
  summary: "Molecules in .smi files: a line of SMILES and, behind a space, a name.",
  looksFor: "files that end in .smi",
  settings,
  recognises: ({ entries: { files } }) => Promise.resolve(files.length > 0 && files.every(isSmiles)),
  create: (options) => async (found) => {
    const { folder } = found;
    const rows: { id: string; molecule: string; split: string }[] = [];
    for (const file of filesOf(found, isSmiles, options.files)) {
      const split = splitOfFile(file) ?? "train";
      for (const [i, line] of (await folder.text(file)).split(/\r?\n/).entries()) {
        const [molecule, ...name] = line.trim().split(/\s+/);
        if (molecule === undefined || molecule === "") continue;
        const fault = smilesFault(molecule);
        if (fault !== undefined)
          throw new VesaliusError("bad-data", `the SMILES is not well-formed: ${fault}`, {
            where: `${join(folder.root, file)}, line ${i + 1}`,
            fix: "correct the line or leave it out",
          });
        rows.push({ id: name.length === 0 ? `${file}, line ${i + 1}` : name.join(" "), molecule, split });
      }
    }
    if (rows.length === 0)
      throw new VesaliusError("bad-data", "there are no molecules", { where: join(folder.root, folder.only ?? "") });
    const divided = await dividedBySplit(
      {
        splits: rows.map(({ split }) => split),
        ids: rows.map(({ id }) => id),
        groups: undefined,
        attributes: {},
        columns: { molecule: (taken) => moleculesColumn(taken.map((row) => rows[row]!.molecule)) },
      },
      folder.path,
    );
    return { unit: "molecules", splits: divided };
  },
});
