import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { openDataset, readExamples } from "vesalius/data";

/** A conversation with the section of a note that was written about it. */
export interface Conversation {
  readonly transcript: string;
  readonly section: string;
  readonly note: string;
}

function folderOfDataset(): string {
  const folder = process.env["VESALIUS_DATA"];
  if (folder === undefined) throw new Error("set VESALIUS_DATA to the folder of datasets, which holds open/mts-dialog");
  return join(folder, "open", "mts-dialog");
}

/** ROUGE-1, -2 and -L of the note of the nearest training conversation, as dataset.json has them. */
export async function retrievalFloor(): Promise<readonly number[]> {
  const card = JSON.parse(await readFile(join(folderOfDataset(), "dataset.json"), "utf8")) as {
    readonly baselines: readonly { readonly model: string; readonly value: string | number }[];
  };
  const floor = card.baselines.find(({ model }) => model.startsWith("nearest training conversation"));
  return String(floor?.value ?? "")
    .split("/")
    .map(Number);
}

/** MTS-Dialog's validation conversations from the folder that VESALIUS_DATA names. */
export async function mtsDialogConversations(limit: number): Promise<Conversation[]> {
  const { splits } = await openDataset(folderOfDataset(), {
    columns: {
      transcript: { kind: "texts", from: "dialogue" },
      section: { kind: "texts", from: "section_header" },
      note: { kind: "texts", from: "section_text" },
    },
  });
  const split = splits["validation"]!;
  const rows = Int32Array.from({ length: Math.min(limit, split.length) }, (_, row) => row);
  return (await readExamples(split, ["transcript", "section", "note"], rows)) as unknown as Conversation[];
}
