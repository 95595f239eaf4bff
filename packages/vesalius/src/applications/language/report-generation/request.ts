import { z } from "zod";
import { VesaliusError } from "../../../common/errors.ts";
import type { SourceItem } from "../statements/source.ts";

const text = z.string().trim().min(1).max(20_000);

/** What a note is made of: a conversation, findings, codes, or several of them. */
export const reportRequestSchema = z.strictObject({
  /** A conversation as turns. */
  turns: z
    .array(z.strictObject({ speaker: z.string().trim().min(1).max(100), text }))
    .max(5000)
    .optional(),
  /** A conversation as lines that each begin with who speaks, as `Doctor: Any fever?`; lines without go on with the turn. */
  transcript: z.string().max(1_000_000).optional(),
  findings: z
    .array(
      z.strictObject({
        /** What was found, in words or as what was measured. */
        name: text,
        value: z.union([z.number(), text]).optional(),
        unit: z.string().trim().min(1).max(50).optional(),
        /** Section that it belongs to, where that is known. */
        section: z.string().optional(),
      }),
    )
    .max(5000)
    .optional(),
  codes: z
    .array(
      z.strictObject({
        code: z.string().trim().min(1).max(100),
        /** What the code stands for: nothing here knows code systems. */
        display: text,
        system: z.string().trim().min(1).max(200).optional(),
        section: z.string().optional(),
      }),
    )
    .max(5000)
    .optional(),
  /** Sections that are written; every one of the template that something belongs to by default. */
  sections: z.array(z.string()).min(1).optional(),
});

/** See {@link reportRequestSchema}. */
export type ReportRequest = z.input<typeof reportRequestSchema>;

/** An item of the source, with its section where the request says it. */
export interface RequestedItem extends SourceItem {
  readonly section?: string | undefined;
}

const spoken = /^\s*([\p{L}][\p{L}\p{N}_ .]{0,40}?)\s*[:：]\s*(.*)$/u;

/**
 * Turns of a conversation in lines.
 *
 * @throws VesaliusError `bad-argument` where the first line does not say who speaks
 */
export function turnsOf(transcript: string): SourceItem[] {
  const turns: { kind: "turn"; speaker: string; text: string }[] = [];
  const lines = transcript.split(/\r?\n/);
  for (const [i, line] of lines.entries()) {
    if (line.trim() === "") continue;
    const found = spoken.exec(line);
    const last = turns.at(-1);
    if (found !== null) turns.push({ kind: "turn", speaker: found[1]!, text: found[2]!.trim() });
    else if (last !== undefined) last.text = `${last.text} ${line.trim()}`.trim();
    else
      throw new VesaliusError("bad-argument", "a line of the transcript does not say who speaks", {
        where: `transcript, line ${i + 1}`,
        fix: 'begin turns with the speaker and a colon, as "Doctor: Any fever?"',
      });
  }
  return turns.filter((turn) => turn.text !== "");
}

/**
 * Everything of a request that a sentence may rest on, in order.
 *
 * @throws VesaliusError `bad-argument` for a request that holds nothing, or a conversation in two forms
 */
export function sourceOf(request: z.output<typeof reportRequestSchema>): RequestedItem[] {
  const { turns, transcript, findings = [], codes = [] } = request;
  if (turns !== undefined && transcript !== undefined)
    throw new VesaliusError("bad-argument", "the conversation is given as turns and as a transcript", {
      where: "request",
      fix: "give one of the two",
    });
  const source: RequestedItem[] = [
    ...(turns ?? []).map(({ speaker, text: said }) => ({ kind: "turn" as const, speaker, text: said })),
    ...(transcript === undefined ? [] : turnsOf(transcript)),
    ...findings.map(({ name, value, unit, section }) => ({
      kind: "finding" as const,
      text: value === undefined ? name : `${name}: ${[value, unit].filter((part) => part !== undefined).join(" ")}`,
      section,
    })),
    ...codes.map(({ display, section }) => ({ kind: "code" as const, text: display, section })),
  ];
  if (source.length > 0) return source;
  throw new VesaliusError("bad-argument", "there is nothing to write a note about", {
    where: "request",
    fix: "give turns or a transcript, findings, or codes",
  });
}
