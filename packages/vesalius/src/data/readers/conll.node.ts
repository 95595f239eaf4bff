import { join } from "node:path";
import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { type Span, spansColumn } from "../columns/spans.ts";
import { textsColumn } from "../columns/texts.ts";
import { endingOf } from "../files/names.ts";
import type { Split } from "../split.ts";
import { pack } from "../steps/pack.ts";
import { readerEntry } from "./reader.ts";
import { filesOf, splitOfFile } from "./record-parts.node.ts";

const settings = z.strictObject({
  /** Files to read; all of its kind in the folder without it. */
  files: z.array(z.string().min(1)).min(1).optional(),
  /** Column of the token, from 0. */
  tokenColumn: z.int().nonnegative().default(0),
  /** Column of the tag, from 0; the last without it. */
  tagColumn: z.int().nonnegative().optional(),
  /** What tokens are joined by; a space, or nothing where most tokens are single ideographs. */
  separator: z.string().optional(),
  /**
   * What becomes of an I that continues nothing: it begins an entity (as conlleval counts), its token is outside, or
   * the file is refused.
   */
  repair: z.enum(["begin", "outside", "error"]).default("begin"),
  /** Join consecutive sentences of a split into texts of at most so many words. */
  packWords: z.int().positive().optional(),
});
type Settings = Omit<z.output<typeof settings>, "separator"> & { readonly separator: string };

const TAG = /^(?:O|[BIESLUM]-.+)$/;
const isColumns = (file: string): boolean => ["tsv", "conll", "iob", "iob2", "bio", "txt"].includes(endingOf(file));
const cellsOf = (line: string): string[] => (line.includes("\t") ? line.split("\t") : line.trim().split(/ +/));

/** Whether the beginning of a file is tokens with tags, with a blank line between sentences. */
function looksLikeColumns(head: string): boolean {
  const lines = head.split(/\r?\n/).slice(0, 200);
  const tokens = lines.filter((line) => line.trim() !== "" && !line.startsWith("-DOCSTART-") && !line.startsWith("#"));
  const tagged = tokens.filter((line) => {
    const cells = cellsOf(line);
    return cells.length >= 2 && TAG.test(cells.at(-1)!.trim());
  });
  return tokens.length > 0 && tagged.length === tokens.length && (tokens.length < 100 || tokens.length < lines.length);
}

/** What joins the tokens of a text again: nothing in writing without spaces. */
function separatorOf(content: string): string {
  const tokens = content
    .slice(0, 20_000)
    .split(/\r?\n/)
    .flatMap((line) => (line.trim() === "" ? [] : [cellsOf(line)[0]!]));
  const ideographs = tokens.filter((token) => /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]$/u.test(token));
  return ideographs.length > tokens.length / 2 ? "" : " ";
}

/** One sentence as text with spans. */
interface Sentence {
  readonly text: string;
  readonly spans: readonly Span[];
}

/** Joins tokens and makes spans of their tags (IOB1, IOB2, and E and S of IOBES). */
function sentenceOf(
  tokens: readonly { readonly token: string; readonly tag: string; readonly line: number }[],
  { separator, repair }: Settings,
  where: string,
): { readonly sentence: Sentence; readonly repaired: number } {
  let text = "";
  let repaired = 0;
  const spans: Span[] = [];
  let open: { start: number; end: number; type: string } | undefined;
  const close = (): void => {
    if (open !== undefined) spans.push(open);
    open = undefined;
  };
  for (const [i, { token, tag, line }] of tokens.entries()) {
    if (i > 0) text += separator;
    const start = text.length;
    text += token;
    if (tag === "O") {
      close();
      continue;
    }
    const [mark, type] = [tag[0]!, tag.slice(2)];
    const inside = mark === "I" || mark === "E" || mark === "L" || mark === "M";
    if (inside && open?.type === type) open.end = text.length;
    else {
      close();
      if (inside) {
        repaired++;
        if (repair === "error")
          throw new VesaliusError("bad-data", "a tag continues an entity that does not begin", {
            where: `${where}, line ${line}`,
            fix: (option) => `correct the tag, or let it be read with ${option("repair", "begin")}`,
          });
        if (repair === "outside") continue;
      }
      open = { start, end: text.length, type };
    }
    if (mark === "E" || mark === "L" || mark === "S" || mark === "U") close();
  }
  close();
  return { sentence: { text, spans }, repaired };
}

/** Sentences of one file. */
export function readSentences(
  content: string,
  options: Settings,
  where: string,
): { readonly sentences: readonly Sentence[]; readonly repaired: number } {
  const sentences: Sentence[] = [];
  let repaired = 0;
  let tokens: { token: string; tag: string; line: number }[] = [];
  let columns: number | undefined;
  const end = (): void => {
    if (tokens.length === 0) return;
    const made = sentenceOf(tokens, options, where);
    sentences.push(made.sentence);
    repaired += made.repaired;
    tokens = [];
  };
  for (const [i, line] of content.split(/\r?\n/).entries()) {
    const place = `${where}, line ${i + 1}`;
    if (line.trim() === "" || line.startsWith("-DOCSTART-")) {
      end();
      continue;
    }
    const cells = cellsOf(line);
    columns ??= cells.length;
    if (cells.length !== columns)
      throw new VesaliusError("bad-data", `the line has ${cells.length} columns, the first has ${columns}`, {
        where: place,
      });
    const token = cells[options.tokenColumn];
    const tag = cells[options.tagColumn ?? cells.length - 1]?.trim();
    if (token === undefined || token === "" || tag === undefined)
      throw new VesaliusError("bad-data", "the line lacks a token or a tag", { where: place });
    if (!TAG.test(tag))
      throw new VesaliusError("bad-data", "the tag is neither O nor B-, I- with a type", {
        where: place,
        fix: (option) => `say which columns they are with ${option("tokenColumn")} and ${option("tagColumn")}`,
      });
    tokens.push({ token, tag, line: i + 1 });
  }
  end();
  return { sentences, repaired };
}

/** Tokens with tags in columns. */
export const conll = readerEntry({
  name: "conll",
  summary: "Tokens with IOB tags in columns, a blank line between sentences; one file a split.",
  looksFor: "files .tsv, .conll, .txt of tokens with tags O, B-TYPE, I-TYPE",
  paper: "Tjong Kim Sang and De Meulder, CoNLL-2003",
  settings,
  async recognises({ folder, entries: { files } }) {
    const candidates = files.filter(isColumns);
    if (candidates.length === 0) return false;
    for (const file of candidates) if (!looksLikeColumns(await folder.head(file))) return false;
    return true;
  },
  create: (options) => async (found) => {
    const { folder } = found;
    const read: { split: string; sentences: readonly Sentence[] }[] = [];
    let repaired = 0;
    let { separator } = options;
    for (const file of filesOf(found, isColumns, options.files)) {
      const where = join(folder.root, file);
      const text = await folder.text(file);
      separator ??= separatorOf(text);
      const content = readSentences(text, { ...options, separator }, where);
      if (content.sentences.length === 0) throw new VesaliusError("bad-data", "the file holds no sentences", { where });
      repaired += content.repaired;
      read.push({ split: splitOfFile(file) ?? "train", sentences: content.sentences });
    }
    const packing =
      options.packWords === undefined ? undefined : pack.create(pack.settings.parse({ length: options.packWords }));
    const types = [
      ...new Set(read.flatMap(({ sentences }) => sentences.flatMap(({ spans }) => spans.map(({ type }) => type)))),
    ].sort();
    const splits: Record<string, Split> = {};
    for (const { split: name, sentences } of read) {
      const split: Split = {
        name,
        length: sentences.length,
        ids: sentences.map((_, i) => `${name}/${i}`),
        groups: undefined,
        attributes: {},
        columns: {
          text: textsColumn(sentences.map(({ text }) => text)),
          spans: spansColumn(
            types,
            sentences.map(({ spans }) => spans),
          ),
        },
      };
      splits[name] = packing === undefined ? split : (await packing(split)).split;
    }
    const cautions = [
      ...(repaired === 0
        ? []
        : [
            `${repaired} tags I without a beginning were read as ${options.repair === "begin" ? "beginnings" : "outside"}.`,
          ]),
      ...(options.packWords === undefined
        ? []
        : [`Consecutive sentences were joined into texts of at most ${options.packWords} words.`]),
    ];
    return {
      unit: options.packWords === undefined ? "sentences" : "texts",
      splits,
      cautions,
    };
  },
});
