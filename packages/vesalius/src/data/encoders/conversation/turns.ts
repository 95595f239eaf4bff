import { VesaliusError } from "../../../common/errors.ts";
import type { Turn } from "../../columns/dialogues.ts";
import { fillTemplate, type Message } from "../../tokenizers/chat/messages.ts";
import type { PromptTurn } from "./settings.ts";

/** A conversation as one text, a line a turn. */
export const spokenText = (turns: readonly Turn[]): string =>
  turns.map(({ role, text }) => `${role}: ${text}`).join("\n");

/** The value of a field as a text. */
export const textOfField = (value: unknown): string =>
  Array.isArray(value) ? spokenText(value as readonly Turn[]) : (value as string);

/** Place of the last turn of a speaker; -1 where there is none. */
export const lastTurnOf = (turns: readonly Turn[], speaker: string): number =>
  turns.findLastIndex(({ role }) => role === speaker);

/** Turns as messages; those of one role that follow each other are one. */
function messagesOf(turns: readonly Turn[], speaker: string): Message[] {
  const messages: Message[] = [];
  for (const { role, text } of turns) {
    const by = role === speaker ? "assistant" : role === "system" ? "system" : "user";
    const before = messages.at(-1);
    if (before?.role === by) messages[messages.length - 1] = { role: by, content: `${before.content}\n${text}` };
    else messages.push({ role: by, content: text });
  }
  return messages;
}

/** Messages of a prompt, and of the field that is answered in it the model's last turn. */
export interface FilledPrompt {
  readonly messages: readonly Message[];
  readonly answer?: string;
}

/**
 * Fills a prompt from the values of fields.
 *
 * @param answered field of a conversation whose last turn of the model is the answer, and left out of the prompt
 * @throws VesaliusError `bad-data` for a conversation in which the model never speaks, though it is to be learned
 */
export function fillPrompt(
  prompt: readonly PromptTurn[],
  values: Readonly<Record<string, unknown>>,
  answered: string | undefined,
): FilledPrompt {
  let answer: string | undefined;
  const texts = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, textOfField(value)]));
  const messages = prompt.flatMap((part): readonly Message[] => {
    if (!("turns" in part)) return [{ role: part.role, content: fillTemplate(part.content, texts) }];
    const value = values[part.turns];
    if (!Array.isArray(value))
      throw new VesaliusError(
        "bad-configuration",
        `the field ${part.turns} holds no conversation whose turns could be taken`,
        {
          fix: `write {${part.turns}} in a turn of the prompt`,
        },
      );
    const turns = value as readonly Turn[];
    const last = lastTurnOf(turns, part.speaker);
    if (part.turns === answered) {
      if (last < 0)
        throw new VesaliusError("bad-data", `a conversation has no turn of ${part.speaker}`, {
          fix: "name whose turns are the model's (speaker), or leave the example out",
        });
      answer = turns[last]!.text;
      return messagesOf(turns.slice(0, last), part.speaker);
    }
    // Without an answer to learn the model's turn is open: what it said last is left out where nobody spoke after it.
    const open = last === turns.length - 1 ? turns.slice(0, last) : turns;
    return messagesOf(open, part.speaker);
  });
  return { messages, ...(answer === undefined ? {} : { answer }) };
}

/** A conversation without its oldest turn but those of the system; undefined where only the last turn would be left. */
export function withoutOldest(turns: readonly Turn[], speaker: string): readonly Turn[] | undefined {
  const last = lastTurnOf(turns, speaker);
  const end = last === turns.length - 1 ? last : turns.length;
  const oldest = turns.findIndex(({ role }) => role !== "system");
  return oldest < 0 || oldest >= end - 1 ? undefined : turns.filter((_, i) => i !== oldest);
}
