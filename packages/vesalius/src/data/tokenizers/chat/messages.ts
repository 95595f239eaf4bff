import { z } from "zod";
import { VesaliusError } from "../../../common/errors.ts";

/** Who speaks: instructions to the model, whoever asks it, the model itself. */
export const chatRoles = ["system", "user", "assistant"] as const;

/** Schema of a message. */
export const messageSchema = z.strictObject({ role: z.enum(chatRoles), content: z.string() });

/** One turn of a conversation with a language model, as chat templates and services know it. */
export type Message = Readonly<z.output<typeof messageSchema>>;

const placeholder = /\{\{|\}\}|\{([\p{L}_][\p{L}\p{N}_.]*)\}/gu;

/** Names of the fields that a hand-written template holds, each once. */
export const fieldsOf = (template: string): string[] => [
  ...new Set([...template.matchAll(placeholder)].flatMap(([, name]) => (name === undefined ? [] : [name]))),
];

/**
 * Fills the fields of a hand-written template: `{dialogue}` stands for a field, `{{` and `}}` for braces.
 *
 * @throws VesaliusError `bad-configuration` for a field that is not among those given, by its name
 *
 * @example
 * fillTemplate("Conversation:\n{dialogue}\n\nNote:", { dialogue });
 */
export function fillTemplate(template: string, fields: Readonly<Record<string, string>>): string {
  return template.replaceAll(placeholder, (found: string, name: string | undefined) => {
    if (name === undefined) return found[0]!;
    const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (value !== undefined) return value;
    throw new VesaliusError("bad-configuration", `the template names a field ${name}, which is not there`, {
      where: "template",
      fix: `the fields are ${Object.keys(fields).join(", ") || "none"}; write {{ for a brace`,
    });
  });
}
