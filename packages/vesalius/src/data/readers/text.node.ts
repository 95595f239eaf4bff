import { join } from "node:path";
import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { textsColumn } from "../columns/texts.ts";
import { endingOf, usualSplit } from "../files/names.ts";
import { dividedBySplit } from "./examples.ts";
import { isImageName } from "./image-files.node.ts";
import { type FoundData, readerEntry } from "./reader.ts";
import { splitOfFile } from "./record-parts.node.ts";

const settings = z.strictObject({
  /**
   * What one text is: a line, a paragraph (between blank lines), or a file. Without it a file of few lines among many
   * is one text, and otherwise every line.
   */
  per: z.enum(["line", "paragraph", "file"]).optional(),
});

const isText = (file: string): boolean => ["txt", "text", "md"].includes(endingOf(file));
/** Whether a file holds data of another kind, by its name. */
const isOtherData = (file: string): boolean =>
  isImageName(file) || ["nii", "npz", "h5ad", "csv", "tsv"].includes(endingOf(file));
/** Folders with more files than this hold one document a file. */
const MANY_FILES = 20;

/** Files with the split that their folder or their name stands for, and the number of those beside them that hold other data. */
async function filesOf({
  folder,
  entries,
}: FoundData): Promise<{ readonly files: { file: string; split: string }[]; readonly others: number }> {
  const files = entries.files.filter(isText).map((file) => ({ file, split: splitOfFile(file) ?? "train" }));
  let others = 0;
  for (const name of entries.folders) {
    const inner = await folder.list(name);
    const texts = inner.files.filter(isText);
    const split = usualSplit(name) ?? "train";
    files.push(...texts.map((file) => ({ file: `${name}/${file}`, split })));
    others += inner.files.filter(isOtherData).length;
  }
  return { files, others };
}

const pieces = {
  line: (text: string) => text.split(/\r?\n/),
  paragraph: (text: string) => text.split(/(?:\r?\n[ \t]*){2,}/),
  file: (text: string) => [text],
} as const;

/** Plain texts, for pretraining on language. */
export const text = readerEntry({
  name: "text",
  summary: "Plain text files: one text a line, a paragraph or a file; folders or files train, val and test are splits.",
  looksFor: "files .txt or .md, alone or in folders",
  settings,
  general: true,
  recognises: async (found) => {
    const { entries } = found;
    if (entries.files.some((file) => !isText(file))) return false;
    const { files, others } = await filesOf(found);
    // A few texts among other data tell about them.
    return files.length > others;
  },
  create: (options) => async (found) => {
    const { folder } = found;
    const { files } = await filesOf(found);
    const per = options.per ?? (files.length > MANY_FILES ? "file" : "line");
    const texts: { split: string; id: string; text: string }[] = [];
    for (const { file, split } of files) {
      const content = await folder.text(file);
      const kept = pieces[per](content).map((piece) => piece.trim());
      const named = kept.map((piece, i) => ({ split, id: per === "file" ? file : `${file}#${i + 1}`, text: piece }));
      texts.push(...named.filter((one) => one.text !== ""));
    }
    if (texts.length === 0) throw new VesaliusError("bad-data", "the files hold no text", { where: join(folder.path) });
    const splits = await dividedBySplit(
      {
        splits: texts.map(({ split }) => split),
        ids: texts.map(({ id }) => id),
        groups: undefined,
        attributes: {},
        columns: { text: (rows) => textsColumn(rows.map((row) => texts[row]!.text)) },
      },
      folder.path,
    );
    return { unit: "texts", splits };
  },
});
