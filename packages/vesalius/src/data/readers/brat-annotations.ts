import { VesaliusError } from "../../common/errors.ts";

/** A marked piece of a document, of one or several parts. */
interface StandoffSpan {
  readonly id: string;
  readonly type: string;
  /** In UTF-16 units, in their order. */
  readonly pieces: readonly { readonly start: number; readonly end: number }[];
}

/** What an `.ann` file says. */
export interface Standoff {
  readonly spans: readonly StandoffSpan[];
  /** With the identifiers of the two arguments. */
  readonly relations: readonly { readonly type: string; readonly head: string; readonly tail: string }[];
  /** What is not read, counted: attributes, events, notes. */
  readonly others: Readonly<Record<string, number>>;
}

const OTHERS: Readonly<Record<string, string>> = {
  A: "attributes",
  M: "attributes",
  E: "events",
  N: "links to entries of other databases",
  "#": "notes",
  "*": "lists of equal spans",
};

/** Position in UTF-16 units of every character, which brat counts as Python does; undefined where both are the same. */
function unitsOf(text: string): number[] | undefined {
  if (!/[\u{10000}-\u{10FFFF}]/u.test(text)) return undefined;
  const units = [0];
  for (const character of text) units.push(units.at(-1)! + character.length);
  return units;
}

const squeezed = (text: string): string => text.replaceAll(/\s+/g, " ").trim();

/**
 * Reads the annotations of a document in brat's standoff format. Offsets count characters; the words that a line repeats must
 * be those of the text at its offsets.
 *
 * @throws VesaliusError `bad-data` with the line, never with what stands there
 */
export function parseAnnotations(content: string, text: string, where: string): Standoff {
  const units = unitsOf(text);
  const unit = (offset: number): number | undefined =>
    units === undefined ? (offset <= text.length ? offset : undefined) : units[offset];
  const spans: StandoffSpan[] = [];
  const relations: Standoff["relations"][number][] = [];
  const others: Record<string, number> = {};
  const known = new Set<string>();
  for (const [i, line] of content.split(/\r?\n/).entries()) {
    if (line.trim() === "") continue;
    const bad = (what: string, fix?: string): VesaliusError =>
      new VesaliusError("bad-data", what, { where: `${where}, line ${i + 1}`, ...(fix === undefined ? {} : { fix }) });
    const [id = "", body = "", ...words] = line.split("\t");
    const other = OTHERS[id[0] ?? ""];
    if (other !== undefined) {
      others[other] = (others[other] ?? 0) + 1;
      continue;
    }
    if (known.has(id)) throw bad("the identifier occurs twice");
    known.add(id);
    if (/^T\d/.test(id)) {
      const found = /^(\S+) (\d+ \d+(?:;\d+ \d+)*)$/.exec(body.trim());
      if (found === null) throw bad("a span is written as type, start and end");
      const pieces = found[2]!.split(";").map((piece) => {
        const [start, end] = piece.split(" ").map((offset) => unit(Number(offset)));
        if (start === undefined || end === undefined || start >= end)
          throw bad("the offsets do not lie in the text", "brat counts characters from 0, line breaks too");
        return { start, end };
      });
      pieces.sort((a, b) => a.start - b.start);
      const marked = squeezed(pieces.map(({ start, end }) => text.slice(start, end)).join(" "));
      if (words.length > 0 && squeezed(words.join("\t")) !== marked)
        throw bad(
          "the offsets do not lead to the words that the line repeats",
          "the text was changed after it was annotated: line breaks of another kind, or another encoding",
        );
      spans.push({ id, type: found[1]!, pieces });
    } else if (/^R\d/.test(id)) {
      const found = /^(\S+) [^\s:]+:(\S+) [^\s:]+:(\S+)$/.exec(body.trim());
      if (found === null) throw bad("a relation is written as type and two arguments");
      relations.push({ type: found[1]!, head: found[2]!, tail: found[3]! });
    } else throw bad("the line is no annotation of brat");
  }
  const ids = new Set(spans.map(({ id }) => id));
  const loose = relations.find(({ head, tail }) => [head, tail].some((id) => id.startsWith("T") && !ids.has(id)));
  if (loose !== undefined)
    throw new VesaliusError("bad-data", "a relation has an argument that is not there", { where });
  return { spans, relations, others };
}
