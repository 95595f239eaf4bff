import { VesaliusError } from "../../common/errors.ts";
import type { Column, ColumnKind } from "../column.ts";
import { fewOf } from "./few-of.ts";
import { quantile } from "./quantile.ts";
import {
  bytesOf,
  contentHead,
  gather,
  isPresent,
  joinedLength,
  joinPresent,
  lengthsOf,
  offsetsOf,
  presence,
  presentCount,
  readRows,
  sampledRows,
  shared,
  takeLists,
  takePresent,
} from "./storage.ts";
import { stringContent, textFingerprints } from "./strings.ts";

/** What one speaker says before another one does. */
export interface Turn {
  /** Who speaks: `Doctor`, `Patient`; `system`, `user`, `assistant` or `tool` in data for language models. */
  readonly role: string;
  readonly text: string;
}

/** Conversations as turns of speakers. */
export interface DialoguesColumn extends Column {
  readonly kind: "dialogues";
  /** Names of the speakers that occur. */
  readonly roles: readonly string[];
  /** `[length + 1]`: the turns of example i are those from `offsets[i]` up to `offsets[i + 1]`. */
  readonly offsets: Int32Array;
  /** `[turns]` positions in `roles`. */
  readonly speakers: Int32Array;
  /** `[turns]` */
  readonly texts: readonly string[];
}

/**
 * A column of conversations; null stands for a missing one.
 *
 * @param roles names of all speakers, in their order; those that occur, sorted, without it
 * @throws VesaliusError `bad-data` for a speaker that is not listed
 */
export function dialoguesColumn(
  values: readonly (readonly Turn[] | null)[],
  roles: readonly string[] = [...new Set(values.flatMap((turns) => (turns ?? []).map(({ role }) => role)))].sort(),
): DialoguesColumn {
  const index = new Map(roles.map((role, position) => [role, position]));
  const speakers = values.flatMap((turns, row) =>
    (turns ?? []).map(({ role }) => {
      const position = index.get(role);
      if (position !== undefined) return position;
      throw new VesaliusError("bad-data", "the speaker of a turn is not listed", { where: `row ${row + 1}` });
    }),
  );
  return {
    kind: "dialogues",
    length: values.length,
    roles,
    offsets: offsetsOf(
      Int32Array,
      values.map((turns) => turns?.length ?? 0),
    ),
    speakers: shared(Int32Array.from(speakers)),
    texts: values.flatMap((turns) => (turns ?? []).map(({ text }) => text)),
    ...presence(values.map((turns) => turns !== null)),
  };
}

/** The texts of the turns of an example, one after the other. */
const wholeText = ({ offsets, texts }: DialoguesColumn, row: number): string =>
  texts.slice(offsets[row], offsets[row + 1]).join("\n");

/** Speakers of a single conversation, who may be called by their names. */
function ofOneDialogue({ roles, offsets, speakers, length }: DialoguesColumn): ReadonlySet<string> {
  const conversations = roles.map(() => 0);
  for (let row = 0; row < length; row++)
    for (const speaker of new Set(speakers.subarray(offsets[row], offsets[row + 1]))) conversations[speaker]!++;
  return new Set(roles.filter((_, speaker) => conversations[speaker]! < 2));
}

/** Conversations: equal ones are one example, whatever case and white space they are written with. */
export const dialogues: ColumnKind<DialoguesColumn, readonly Turn[]> = {
  kind: "dialogues",
  summary: "conversations, read as lists of turns with the role of the speaker and the text",
  read: (column, rows) =>
    readRows(column, rows, (row) => {
      const { offsets, speakers, texts, roles } = column;
      return Array.from({ length: offsets[row + 1]! - offsets[row]! }, (_, i) => {
        const at = offsets[row]! + i;
        return { role: roles[speakers[at]!]!, text: texts[at]! };
      });
    }),
  take(column, rows) {
    const { lengths, positions } = takeLists(column.offsets, rows);
    return {
      ...column,
      length: rows.length,
      offsets: offsetsOf(Int32Array, lengths),
      speakers: gather(column.speakers, positions),
      texts: Array.from(positions, (position) => column.texts[position]!),
      ...takePresent(column, rows),
    };
  },
  join(columns) {
    const roles = [...new Set(columns.flatMap((column) => column.roles))];
    const index = new Map(roles.map((role, position) => [role, position]));
    return {
      kind: "dialogues",
      length: joinedLength(columns),
      roles,
      offsets: offsetsOf(
        Int32Array,
        columns.flatMap(({ offsets }) => lengthsOf(offsets)),
      ),
      speakers: shared(
        Int32Array.from(
          columns.flatMap(({ speakers, roles: own }) => Array.from(speakers, (speaker) => index.get(own[speaker]!)!)),
        ),
      ),
      texts: columns.flatMap(({ texts }) => texts),
      ...joinPresent(columns),
    };
  },
  fingerprints: (column) =>
    textFingerprints(
      { ...column, values: Array.from({ length: column.length }, (_, row) => wholeText(column, row)) },
      (text) => text.normalize("NFKC").toLowerCase().replace(/\s+/gu, " ").trim(),
    ),
  // A greeting and its answer say nothing.
  telling: (column, row) => wholeText(column, row).length >= 60,
  wording: wholeText,
  *content(column) {
    yield* contentHead(column, column.roles);
    yield bytesOf(column.offsets);
    yield bytesOf(column.speakers);
    yield* stringContent(column.texts);
  },
  facts(column) {
    const rows = sampledRows(column);
    const turns = rows.map((row) => column.offsets[row + 1]! - column.offsets[row]!);
    const words = rows.map((row) => wholeText(column, row).split(/\s+/).length);
    return { turns: quantile(turns, 0.5), length: quantile(words, 0.5), longLength: quantile(words, 0.98) };
  },
  describe(column) {
    const turns = lengthsOf(column.offsets).filter((_, row) => isPresent(column, row));
    return {
      present: presentCount(column),
      speakers: fewOf(column.roles, ofOneDialogue(column)),
      turns: column.texts.length,
      mostTurns: turns.reduce((a, b) => Math.max(a, b), 0),
    };
  },
};
