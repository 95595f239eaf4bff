import { VesaliusError } from "../../../common/errors.ts";
import { dialoguesColumn, type Turn } from "../../columns/dialogues.ts";
import type { ColumnDeclaration } from "./column-declaration.node.ts";
import type { ColumnContext, PreparedColumn } from "./declared-columns.node.ts";
import { type Cell, textOf } from "./records.ts";

type Declaration = Omit<Extract<ColumnDeclaration, { kind: "dialogues" }>, "from"> & {
  readonly from: readonly string[];
};

const SPEAKER = ["role", "from", "speaker", "author"];
const TEXT = ["content", "value", "text", "utterance", "message", "sentence"];
/** What ShareGPT calls the two sides. */
const ROLES: Readonly<Record<string, string>> = {
  human: "user",
  gpt: "assistant",
  bing: "assistant",
  chatgpt: "assistant",
};

/** A field of a turn by one of some names, in any letter case. */
function fieldOf(turn: object, names: readonly string[]): unknown {
  const fields = Object.entries(turn).map(([name, value]) => [name.toLowerCase(), value as unknown] as const);
  return names
    .map((name) => fields.find(([own]) => own === name)?.[1])
    .find((value) => value !== undefined && value !== null);
}

/** The text of a message: itself, or its parts of text (OpenAI's content parts); undefined for anything else. */
function contentOf(content: unknown): string | undefined {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return undefined;
  const parts = content.map((part: unknown) =>
    part !== null && typeof part === "object" && "text" in part && typeof part.text === "string"
      ? part.text
      : undefined,
  );
  return parts.includes(undefined) ? undefined : parts.join("\n");
}

/** A turn of a list; undefined where it is none. */
function turnOf(value: unknown): Turn | undefined {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return undefined;
  const [role, text] = [fieldOf(value, SPEAKER), contentOf(fieldOf(value, TEXT))];
  return typeof role === "string" && role.trim() !== "" && text !== undefined
    ? { role: ROLES[role] ?? role.trim(), text }
    : undefined;
}

/** Whether a cell is a list of turns that name their speakers. */
export const holdsTurns = (cell: Cell): boolean =>
  Array.isArray(cell) && cell.length > 0 && cell.every((part: unknown) => turnOf(part) !== undefined);

const SPOKEN = /^[ \t]*(\p{L}[\p{L}\p{N}_. -]{0,39}?)[ \t]*[:：][ \t]*(.*)$/u;

/** Whether a cell is a list of texts that each begin with who speaks: `问：...`. */
export const holdsNamedTexts = (cell: Cell): boolean =>
  Array.isArray(cell) &&
  cell.length > 0 &&
  cell.every((part: unknown) => typeof part === "string" && SPOKEN.test(part.split(/\r?\n/, 1)[0]!));

/** Speakers of a conversation that is written as lines `Doctor: ...`. */
const speakersIn = (text: string): string[] =>
  text.split(/\r?\n/).flatMap((line) => {
    const found = SPOKEN.exec(line);
    return found === null ? [] : [found[1]!];
  });

/** Whether a cell is a text whose lines mostly say who speaks. */
export function holdsSpeech(cell: Cell): boolean {
  if (typeof cell !== "string") return false;
  const lines = cell.split(/\r?\n/).filter((line) => line.trim() !== "");
  return lines.length > 0 && SPOKEN.test(lines[0]!) && speakersIn(cell).length >= lines.length / 2;
}

/** Turns of a text of lines; a line without one of the speakers goes on with what was said before. */
function turnsOfText(text: string, speakers: ReadonlySet<string>): { readonly turns: Turn[]; readonly unsaid: number } {
  const turns: { role: string; text: string }[] = [];
  let unsaid = 0;
  for (const line of text.split(/\r?\n/)) {
    const found = SPOKEN.exec(line);
    if (found !== null && speakers.has(found[1]!)) turns.push({ role: found[1]!, text: found[2]!.trim() });
    else if (line.trim() === "") continue;
    else if (turns.length > 0) turns.at(-1)!.text += `\n${line.trim()}`;
    else {
      unsaid++;
      turns.push({ role: "unknown", text: line.trim() });
    }
  }
  return { turns, unsaid };
}

/** Speakers of texts of lines: those that begin a text, or that occur in many. */
function speakersOf(cells: readonly Cell[]): Set<string> {
  const texts = cells.filter((cell) => typeof cell === "string");
  const counts = new Map<string, number>();
  const known = new Set<string>();
  for (const text of texts) {
    const found = speakersIn(text);
    const first = SPOKEN.exec(text.trimStart().split(/\r?\n/, 1)[0]!);
    if (first !== null) known.add(first[1]!);
    for (const speaker of new Set(found)) counts.set(speaker, (counts.get(speaker) ?? 0) + 1);
  }
  for (const [speaker, count] of counts) if (count >= Math.max(2, texts.length / 100)) known.add(speaker);
  return known;
}

/** Question and answer of a record as one turn each: an instruction with its input, and the output. */
function askedAndAnswered(
  { records }: ColumnContext,
  { from, reply }: Declaration & { readonly reply: string },
): (Turn[] | null)[] {
  const asked = from.map((field) => records.fields.get(field)!);
  const answered = records.fields.get(reply)!;
  return answered.map((cell, row) => {
    const parts = asked.flatMap((cells) => textOf(cells[row]!) ?? []);
    const answer = textOf(cell);
    if (parts.length === 0 || answer === undefined) return null;
    return [
      { role: "user", text: parts.join("\n\n") },
      { role: "assistant", text: answer },
    ];
  });
}

/**
 * Conversations of a field: lists of turns that name their speakers (ShareGPT, OpenAI), lists of texts in turn, or texts of
 * lines `Doctor: ...`; or, with `reply`, one question and its answer.
 *
 * @throws VesaliusError `bad-data` with the row of what is none of these; nothing is quoted
 */
export function declaredDialogues(context: ColumnContext, declaration: Declaration): PreparedColumn {
  const { records } = context;
  const { from, reply, speakers } = declaration;
  if (reply !== undefined) {
    const values = askedAndAnswered(context, { ...declaration, reply });
    const without = values.filter((value) => value === null).length;
    return {
      make: (rows) =>
        dialoguesColumn(
          rows.map((row) => values[row]!),
          ["user", "assistant"],
        ),
      cautions: without === 0 ? [] : [`${without} records lack a question or its ${reply}.`],
    };
  }
  const cells = from.flatMap((field) => records.fields.get(field)!);
  const known = speakersOf(cells);
  const alternating = speakers ?? ["first", "second"];
  let [unnamed, unsaid] = [0, 0];
  const values = cells.slice(0, records.length).map((cell, row): readonly Turn[] | null => {
    if (cell === null) return null;
    if (typeof cell === "string") {
      const read = turnsOfText(cell, known);
      unsaid += read.unsaid;
      return read.turns;
    }
    if (speakers === undefined && holdsNamedTexts(cell))
      return (cell as readonly string[]).map((part) => {
        const [first, ...others] = part.split(/\r?\n/) as [string, ...string[]];
        const [, role, text] = SPOKEN.exec(first)!;
        return { role: role!, text: [text!, ...others].join("\n").trim() };
      });
    if (Array.isArray(cell) && cell.every((part: unknown) => typeof part === "string")) {
      if (speakers === undefined) unnamed++;
      return cell.map((text: string, i) => ({ role: alternating[i % alternating.length]!, text }));
    }
    const turns = Array.isArray(cell) ? cell.map(turnOf) : [undefined];
    const wrong = turns.indexOf(undefined);
    if (wrong < 0) return turns as Turn[];
    throw new VesaliusError("bad-data", `turn ${wrong + 1} of ${from[0]} has no speaker or no text`, {
      where: records.whereOf(row),
      fix: "turns are { role, content }, { from, value }, or texts of speakers who alternate",
    });
  });
  const roles = [...new Set(values.flatMap((turns) => (turns ?? []).map(({ role }) => role)))].sort();
  return {
    make: (rows) =>
      dialoguesColumn(
        rows.map((row) => values[row]!),
        roles,
      ),
    cautions: [
      ...(unnamed === 0 ? [] : [`The turns of ${from[0]} name no speakers, who are taken to alternate.`]),
      ...(unsaid === 0 ? [] : [`${unsaid} lines of ${from[0]} come before any speaker.`]),
    ],
  };
}
