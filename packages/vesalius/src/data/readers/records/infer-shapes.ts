import { bareName } from "../../files/names.ts";
import type { ColumnDeclaration } from "./column-declaration.node.ts";
import { holdsLetteredLines } from "./declared-choices.ts";
import { holdsNamedTexts, holdsSpeech, holdsTurns } from "./declared-dialogues.ts";
import { type Cell, fieldsUnder, type Records } from "./records.ts";

/** A column that the shape of records suggests, and the fields that need no column of their own then. */
export interface ShapedColumn {
  readonly name: string;
  readonly declaration: ColumnDeclaration;
  readonly fields: readonly string[];
}

/** Finds a field that plays no role yet by one of some names. */
type Habit = (names: readonly string[]) => string | undefined;

const OPTIONS = ["options", "choices", "ending", "endings", "answer_choices"];
const ANSWERS = ["answer_idx", "answer_index", "answerkey", "cop", "correct_option", "correct", "answer", "label"];
const TURNS = ["dialogue", "dialog", "messages", "conversations", "conversation", "turns", "utterances"];
const CALLED = new Set(TURNS.map(bareName));

/** Fields of the options: a list, an object, or `opa` to `ope` as MedMCQA writes them. */
function optionFields(records: Records, habit: Habit): { from: string | string[]; fields: string[] } | undefined {
  const letters = ["opa", "opb", "opc", "opd", "ope"].flatMap((name) => habit([name]) ?? []);
  if (letters.length >= 2) return { from: letters, fields: letters };
  for (const name of new Set([...records.fields.keys()].map((field) => field.split(".")[0]!))) {
    if (!OPTIONS.includes(bareName(name))) continue;
    const under = fieldsUnder(records, name);
    if (under.length >= 2) return { from: name, fields: under };
    const cells = records.fields.get(name);
    if (cells?.some(Array.isArray) || cells?.some(holdsLetteredLines)) return { from: name, fields: [name] };
  }
  return undefined;
}

/** Options of questions with the right one. The text of the right answer beside its letter needs no column of its own. */
function choices(records: Records, habit: Habit): ShapedColumn[] {
  const options = optionFields(records, habit);
  if (options === undefined) return [];
  const answer = habit(ANSWERS);
  const restated = answer === undefined ? undefined : habit(["answer"].filter((name) => name !== answer));
  const fields = [...options.fields, answer, restated].filter((field) => field !== undefined);
  const declaration = {
    kind: "choices",
    from: options.from,
    ...(answer === undefined ? {} : { answer }),
    ...(restated === undefined ? {} : { text: restated }),
  } as const;
  const explanation = habit(["exp", "explanation", "rationale"]);
  return [
    { name: "choices", declaration, fields },
    ...(explanation === undefined
      ? []
      : [
          {
            name: "explanation",
            declaration: { kind: "texts", from: explanation } as const,
            fields: [explanation],
          },
        ]),
  ];
}

const isTexts = (cell: Cell): boolean =>
  Array.isArray(cell) && cell.length > 0 && cell.every((part: unknown) => typeof part === "string");

/** Conversations: lists of turns under any name, lists of texts and texts of lines `Doctor: ...` under a usual one. */
function dialogues(records: Records): ShapedColumn[] {
  return [...records.fields].flatMap(([field, cells]): ShapedColumn[] => {
    const found = cells.filter((cell) => cell !== null);
    if (found.length === 0) return [];
    const called = CALLED.has(bareName(field));
    const speech = (): boolean => found.slice(0, 200).filter(holdsSpeech).length > 0.9 * Math.min(found.length, 200);
    if (!found.every(holdsTurns) && !found.every(holdsNamedTexts) && !(called && (found.every(isTexts) || speech())))
      return [];
    return [{ name: called ? "dialogue" : field, declaration: { kind: "dialogues", from: field }, fields: [field] }];
  });
}

/** Instructions with their input and output (Alpaca): turns beside the texts that they are made of. */
function instructions(habit: Habit): ShapedColumn[] {
  const [instruction, input, output] = [habit(["instruction"]), habit(["input"]), habit(["output", "response"])];
  if (instruction === undefined || output === undefined) return [];
  const from = [instruction, ...(input === undefined ? [] : [input])];
  return [{ name: "dialogue", declaration: { kind: "dialogues", from, reply: output }, fields: [] }];
}

/** PubMedQA: a question, the paragraphs of an abstract, and its conclusion as the long answer. */
function abstracts(records: Records, habit: Habit): ShapedColumn[] {
  const [question, contexts, long] = [habit(["QUESTION"]), habit(["CONTEXTS"]), habit(["LONG_ANSWER"])];
  if (question === undefined || contexts === undefined || !records.fields.get(contexts)!.some(isTexts)) return [];
  const named = { question, context: contexts, ...(long === undefined ? {} : { answer: long }) };
  // What the paragraphs are called ("METHODS") says nothing of the whole.
  const beside = habit(["LABELS"]);
  return Object.entries(named).map(([name, from]) => ({
    name,
    declaration: { kind: "texts", from },
    fields: from === contexts && beside !== undefined ? [from, beside] : [from],
  }));
}

/** Lines of a text that a list of numbers marks: evidence. */
function evidence(records: Records): ShapedColumn[] {
  const nested = (cells: readonly Cell[], part: "string" | "number"): boolean =>
    cells.some((cell) => cell !== null) &&
    cells.every(
      (cell) =>
        cell === null ||
        (Array.isArray(cell) &&
          cell.every((inner: unknown) => Array.isArray(inner) && inner.every((one: unknown) => typeof one === part))),
    );
  const texts = [...records.fields].filter(([, cells]) => nested(cells, "string"));
  return texts.flatMap(([text, lines]): ShapedColumn[] => {
    const marks = [...records.fields].find(
      ([, cells]) =>
        nested(cells, "number") &&
        cells.every((cell, row) => (cell as unknown[] | null)?.length === (lines[row] as unknown[] | null)?.length),
    )?.[0];
    const read = { name: text, declaration: { kind: "texts", from: text } as const, fields: [text] };
    if (marks === undefined) return [read];
    const declaration = { kind: "spans", from: marks, text, offsets: "lines" } as const;
    return [read, { name: marks, declaration, fields: [marks] }];
  });
}

/** Objects of flags: symptoms that were said, denied or not mentioned. */
function flags(records: Records): ShapedColumn[] {
  // Found in one pass: there can be a hundred thousand fields.
  const under = new Map<string, string[]>();
  for (const field of records.fields.keys()) {
    for (let dot = field.indexOf("."); dot >= 0; dot = field.indexOf(".", dot + 1)) {
      const name = field.slice(0, dot);
      const fields = under.get(name);
      if (fields === undefined) under.set(name, [field]);
      else fields.push(field);
    }
  }
  const isDirect = (name: string) => (field: string) => field.lastIndexOf(".") === name.length;
  return [...under].flatMap(([name, fields]): ShapedColumn[] => {
    if (records.fields.has(name) || !fields.some(isDirect(name))) return [];
    const isFlag = (field: string): boolean =>
      records.fields.get(field)!.every((cell) => cell === null || typeof cell === "boolean");
    const told = fields.length > 1 && fields.every(isFlag);
    return told ? [{ name, declaration: { kind: "labels", from: name, least: 1 }, fields }] : [];
  });
}

/**
 * Columns of the shapes in which sets of text are published: multiple choice, conversations, instructions, questions about
 * abstracts, evidence in lines, findings as flags.
 *
 * @param habit finds a field by name that plays no role yet
 */
export const inferShapes = (records: Records, habit: Habit): ShapedColumn[] => [
  ...choices(records, habit),
  ...dialogues(records),
  ...instructions(habit),
  ...abstracts(records, habit),
  ...evidence(records),
  ...flags(records),
];
