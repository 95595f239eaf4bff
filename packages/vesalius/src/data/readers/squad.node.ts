import { join } from "node:path";
import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { parseJson } from "../../common/parse-json.ts";
import { type Span, spansColumn } from "../columns/spans.ts";
import { textsColumn } from "../columns/texts.ts";
import { endingOf } from "../files/names.ts";
import { dividedBySplit } from "./examples.ts";
import { readerEntry } from "./reader.ts";
import { filesOf, splitOfFile } from "./record-parts.node.ts";

const settings = z.strictObject({
  /** Files to read, where the folder holds others too. */
  files: z.array(z.string().min(1)).min(1).optional(),
});

const answers = z.array(z.looseObject({ text: z.string(), answer_start: z.int().min(0) }));
const fileSchema = z.looseObject({
  data: z.array(
    z.looseObject({
      title: z.string().optional(),
      paragraphs: z.array(
        z.looseObject({
          context: z.string(),
          qas: z.array(
            z.looseObject({
              id: z.union([z.string(), z.number()]).optional(),
              question: z.string(),
              answers: answers.default([]),
              plausible_answers: answers.optional(),
              is_impossible: z.boolean().optional(),
            }),
          ),
        }),
      ),
    }),
  ),
});

/** One question with its passage. */
interface Asked {
  readonly id: string | undefined;
  readonly split: string;
  readonly title: string;
  readonly question: string;
  readonly context: string;
  readonly answers: readonly Span[];
}

/** Position in UTF-16 units of a character, as Python counts them. */
function unitOf(text: string, character: number): number {
  if (!/[\u{10000}-\u{10FFFF}]/u.test(text)) return character;
  let at = 0;
  for (let i = 0; i < character && at < text.length; i++) at += text.codePointAt(at)! > 0xffff ? 2 : 1;
  return at;
}

/**
 * Places of an answer in its passage. Python counts characters, and published files also UTF-16 units: the one that leads to
 * the answer's words counts.
 */
function placeOf(context: string, { text, answer_start }: z.output<typeof answers>[number]): Span | undefined {
  const start = [unitOf(context, answer_start), answer_start].find((at) => context.startsWith(text, at));
  return start === undefined || text === "" ? undefined : { start, end: start + text.length, type: "answer" };
}

const isJson = (file: string): boolean => endingOf(file) === "json";

/** Questions whose answers are marked in a passage. */
export const squad = readerEntry({
  name: "squad",
  summary: "Questions with answers marked in passages, as SQuAD 1.1 and 2.0 are published; articles are groups.",
  looksFor: "files .json with data, paragraphs and qas",
  paper: "Rajpurkar et al., Know What You Don't Know: Unanswerable Questions for SQuAD, ACL 2018",
  settings,
  async recognises({ folder, entries: { files } }) {
    const found = files.filter(isJson);
    if (found.length === 0 || found.length < files.length) return false;
    const heads = await Promise.all(found.slice(0, 3).map((file) => folder.head(file)));
    return heads.every((head) => /"paragraphs"\s*:/.test(head) && /"(?:qas|context)"\s*:/.test(head));
  },
  create: (options) => async (found) => {
    const { folder } = found;
    const all: Asked[] = [];
    let [impossible, plausible, untitled] = [0, 0, 0];
    for (const file of filesOf(found, isJson, options.files)) {
      const where = join(folder.root, file);
      let content: unknown;
      try {
        content = parseJson(await folder.text(file));
      } catch (error) {
        if (error instanceof VesaliusError) throw error;
        throw new VesaliusError("bad-data", "this is not JSON", { where });
      }
      const parsed = fileSchema.safeParse(content);
      if (!parsed.success) {
        const [issue] = parsed.error.issues;
        throw new VesaliusError("bad-data", "the file is no SQuAD: data, paragraphs, context, qas, question, answers", {
          where: `${where}, ${issue!.path.map(String).join(".")}`,
        });
      }
      const split = splitOfFile(file) ?? "train";
      for (const [article, { title, paragraphs }] of parsed.data.data.entries()) {
        if (title === undefined) untitled++;
        for (const [p, { context, qas }] of paragraphs.entries())
          for (const [q, one] of qas.entries()) {
            const place = `${where}, article ${article + 1}, paragraph ${p + 1}, question ${q + 1}`;
            if (one.is_impossible === true && one.answers.length > 0)
              throw new VesaliusError("bad-data", "a question that cannot be answered has an answer", { where: place });
            const spans = one.answers.map((answer) => {
              const span = placeOf(context, answer);
              if (span !== undefined) return span;
              throw new VesaliusError("bad-data", "the answer does not stand where the passage is said to have it", {
                where: place,
                fix: "answer_start counts characters of the context from 0",
              });
            });
            if (spans.length === 0) impossible++;
            plausible += one.plausible_answers?.length ?? 0;
            all.push({
              id: one.id === undefined ? undefined : String(one.id),
              split,
              title: title ?? `${file}#${article + 1}`,
              question: one.question,
              context,
              answers: spans,
            });
          }
      }
    }
    if (all.length === 0) throw new VesaliusError("bad-data", "the files hold no question", { where: folder.path });
    const splits = await dividedBySplit(
      {
        splits: all.map(({ split }) => split),
        ids: all.map(({ id }, row) => id ?? `question ${row + 1}`),
        groups: all.map(({ title }) => title),
        attributes: {},
        columns: {
          question: (rows) => textsColumn(rows.map((row) => all[row]!.question)),
          context: (rows) => textsColumn(rows.map((row) => all[row]!.context)),
          answer: (rows) =>
            spansColumn(
              ["answer"],
              rows.map((row) => all[row]!.answers),
            ),
        },
      },
      folder.path,
    );
    const cautions = [
      ...(impossible === 0 ? [] : [`${impossible} questions have no answer in their passage.`]),
      ...(plausible === 0 ? [] : [`${plausible} plausible answers of such questions were left out.`]),
      ...(untitled === 0 ? [] : [`${untitled} articles have no title and are groups of their own.`]),
    ];
    return { unit: "questions", splits, cautions, groupedBy: "title" };
  },
});
