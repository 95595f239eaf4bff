import { join } from "node:path";
import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { type Relation, relationsColumn } from "../columns/relations.ts";
import { type Span, spansColumn } from "../columns/spans.ts";
import { textsColumn } from "../columns/texts.ts";
import { endingOf } from "../files/names.ts";
import { parseAnnotations, type Standoff } from "./brat-annotations.ts";
import { dividedBySplit } from "./examples.ts";
import { readerEntry } from "./reader.ts";
import { filesBelow } from "./record-parts.node.ts";

const settings = z.strictObject({
  /**
   * What becomes of a span of several pieces: one from the beginning of the first to the end of the last, the first piece
   * alone, or none.
   */
  discontinuous: z.enum(["cover", "first", "leaveOut"]).default("cover"),
});

const isAnnotation = (file: string): boolean => endingOf(file) === "ann";
const isText = (file: string): boolean => endingOf(file) === "txt";
const bare = (file: string): string => file.replace(/\.(?:ann|txt)$/i, "");

/** Spans and relations of a document. */
interface Marked {
  readonly spans: readonly Span[];
  readonly relations: readonly Relation[];
  /** Relations of which an argument is no span that was kept: an event, or a span that was left out. */
  readonly loose: number;
}

/** Brings the annotations of a document into the order of the text. */
function markedOf({ spans, relations }: Standoff, discontinuous: "cover" | "first" | "leaveOut"): Marked {
  const kept = new Map<string, Span>();
  for (const { id, type, pieces } of spans) {
    if (pieces.length > 1 && discontinuous === "leaveOut") continue;
    const last = discontinuous === "first" ? pieces[0]! : pieces.at(-1)!;
    kept.set(id, { start: pieces[0]!.start, end: last.end, type });
  }
  const found = relations.flatMap(({ type, head, tail }) => {
    const [from, to] = [kept.get(head), kept.get(tail)];
    return from === undefined || to === undefined ? [] : [{ type, head: from, tail: to }];
  });
  return {
    spans: [...kept.values()].sort((a, b) => a.start - b.start || a.end - b.end),
    relations: found,
    loose: relations.length - found.length,
  };
}

const overlapping = (spans: readonly Span[]): number => {
  let [count, end] = [0, 0];
  for (const span of spans) {
    if (span.start < end) count++;
    end = Math.max(end, span.end);
  }
  return count;
};

/** Documents with annotations in brat's standoff files. */
export const brat = readerEntry({
  name: "brat",
  summary:
    "Documents with spans and relations in brat's standoff files (.txt and .ann); folders train, val, test are splits.",
  looksFor: "files .txt, each with a file .ann of its name, in the folder or in folders of it",
  paper: "Stenetorp et al., brat, EACL 2012",
  settings,
  recognises: async (found) => (await filesBelow(found, isAnnotation)).length > 0,
  create: (options) => async (found) => {
    const { folder } = found;
    const texts = await filesBelow(found, isText);
    const annotated = new Map((await filesBelow(found, isAnnotation)).map(({ file }) => [bare(file), file]));
    const documents: { id: string; split: string; text: string; marked: Marked | null }[] = [];
    const counts = new Map<string, number>();
    const count = (what: string, by: number): void => void counts.set(what, (counts.get(what) ?? 0) + by);
    for (const { file, split } of texts) {
      const text = await folder.text(file);
      const annotation = annotated.get(bare(file));
      annotated.delete(bare(file));
      let marked: Marked | null = null;
      if (annotation === undefined) count("documents have no file .ann and are not annotated", 1);
      else {
        const standoff = parseAnnotations(await folder.text(annotation), text, join(folder.root, annotation));
        marked = markedOf(standoff, options.discontinuous);
        for (const [what, number] of Object.entries(standoff.others)) count(`${what} were not read`, number);
        const verb = {
          cover: "read from their beginning to their end",
          first: "read as their first piece",
          leaveOut: "left out",
        };
        count(
          `spans of several pieces were ${verb[options.discontinuous]}`,
          standoff.spans.filter(({ pieces }) => pieces.length > 1).length,
        );
        count("relations were left out, as an argument is no span", marked.loose);
        count("spans overlap one before them", overlapping(marked.spans));
      }
      documents.push({ id: bare(file), split: split ?? "train", text, marked });
    }
    if (annotated.size > 0)
      throw new VesaliusError("missing-file", `${annotated.size} files .ann have no file .txt beside them`, {
        where: join(folder.root, [...annotated.values()][0]!),
      });
    const all = documents.map(({ marked }) => marked);
    const types = [...new Set(all.flatMap((one) => one?.spans.map(({ type }) => type) ?? []))].sort();
    const relationTypes = [...new Set(all.flatMap((one) => one?.relations.map(({ type }) => type) ?? []))].sort();
    const splits = await dividedBySplit(
      {
        splits: documents.map(({ split }) => split),
        ids: documents.map(({ id }) => id),
        groups: undefined,
        attributes: {},
        columns: {
          text: (rows) => textsColumn(rows.map((row) => documents[row]!.text)),
          spans: (rows) =>
            spansColumn(
              types,
              rows.map((row) => all[row]?.spans ?? null),
            ),
          ...(relationTypes.length === 0
            ? {}
            : {
                relations: (rows: readonly number[]) =>
                  relationsColumn(
                    relationTypes,
                    types,
                    rows.map((row) => all[row]?.relations ?? null),
                  ),
              }),
        },
      },
      folder.path,
    );
    const cautions = [...counts].flatMap(([what, number]) => (number === 0 ? [] : [`${number} ${what}.`]));
    return { unit: "documents", splits, cautions };
  },
});
