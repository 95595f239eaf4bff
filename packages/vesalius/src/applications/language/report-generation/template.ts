import { z } from "zod";
import { validate } from "../../../common/check.ts";
import { VesaliusError } from "../../../common/errors.ts";

const sectionSchema = z.strictObject({
  /** As a classifier of sections names it: `MEDICATIONS`. */
  name: z.string().min(1).max(100),
  /** Heading in the note; the name where it is left out. */
  title: z.string().min(1).max(200).optional(),
  /** Words and phrases of what belongs here, for conversations without a classifier; also what "None." is about. */
  cues: z.array(z.string().min(1).max(100)).max(500).default([]),
  /** What a language model is told to write here. */
  instruction: z.string().max(2000).optional(),
});

/** A template: the sections of a note in their order, and what goes into each. */
export const noteTemplateSchema = z
  .strictObject({
    name: z.string().min(1).max(100),
    sections: z.array(sectionSchema).min(1).max(100),
    /** Section of what no cue speaks for; such things are left unassigned without it. */
    otherwise: z.string().optional(),
  })
  .superRefine(({ sections, otherwise }, context) => {
    const names = sections.map(({ name }) => name);
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined)
      context.addIssue({ code: "custom", path: ["sections"], message: `the section ${twice} occurs twice` });
    if (otherwise !== undefined && !names.includes(otherwise))
      context.addIssue({ code: "custom", path: ["otherwise"], message: `there is no section ${otherwise}` });
  });

/** See {@link noteTemplateSchema}. */
export type NoteTemplate = z.output<typeof noteTemplateSchema>;
/** A section of a template. */
export type NoteSection = NoteTemplate["sections"][number];

/** Checks a template. @throws VesaliusError `bad-configuration` naming the key */
export const noteTemplate = (value: unknown, where?: string): NoteTemplate =>
  validate(noteTemplateSchema, value, {
    code: "bad-configuration",
    what: "template",
    ...(where === undefined ? {} : { where }),
  });

/** The section of a name. @throws VesaliusError `bad-argument` for one that the template lacks */
export function sectionOf({ name: template, sections }: NoteTemplate, name: string): NoteSection {
  const found = sections.find((section) => section.name === name);
  if (found !== undefined) return found;
  throw new VesaliusError("bad-argument", `the template ${template} has no section of the asked name`, {
    where: "sections",
    fix: `name some of ${sections.map((section) => section.name).join(", ")}`,
  });
}
