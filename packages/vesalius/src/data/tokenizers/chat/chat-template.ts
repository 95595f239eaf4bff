import { Template } from "@huggingface/jinja";
import { VesaliusError } from "../../../common/errors.ts";
import type { Message } from "./messages.ts";

/** A stretch of a rendered conversation that the model itself wrote, `[start, end)` in UTF-16 units. */
export interface WrittenSpan {
  readonly start: number;
  readonly end: number;
}

/** A conversation as the text that a model was trained on. */
export interface RenderedChat {
  readonly text: string;
  /** What the model writes, the signs that end a turn among it; one stretch for each of its turns. */
  readonly written: readonly WrittenSpan[];
}

/** Renders conversations. */
export interface ChatTemplate {
  /**
   * @param generate whether the beginning of the model's next turn stands at the end
   * @throws VesaliusError `bad-data` where the template refuses the conversation, with its words
   */
  render(messages: readonly Message[], generate: boolean): RenderedChat;
}

const where = "chat template of tokenizer_config.json";

/** What went wrong inside a template, without what it was given. */
const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split("\n")[0]!.slice(0, 200);

/**
 * The chat template that a checkpoint's `tokenizer_config.json` carries, in Jinja, rendered as transformers'
 * `apply_chat_template` does.
 *
 * @param special tokens that templates name: `bos_token`, `eos_token`
 * @throws VesaliusError `bad-file` for a text that is no template
 */
export function chatTemplate(source: string, special: Readonly<Record<string, string>>): ChatTemplate {
  let template: Template;
  try {
    template = new Template(source);
  } catch (cause) {
    throw new VesaliusError("bad-file", `the chat template cannot be read: ${reasonOf(cause)}`, { where, cause });
  }
  const text = (messages: readonly Message[], generate: boolean): string => {
    try {
      return template.render({ ...special, messages, add_generation_prompt: generate });
    } catch (cause) {
      throw new VesaliusError("bad-data", `the chat template refuses the conversation: ${reasonOf(cause)}`, {
        where,
        fix: `give turns that it takes; here the turns are of ${messages.map(({ role }) => role).join(", ")}`,
        // Not the cause itself: its message may repeat what was said in the conversation.
      });
    }
  };
  return {
    render(messages, generate) {
      const whole = text(messages, generate);
      const written = messages.flatMap(({ role }, turn): WrittenSpan[] => {
        if (role !== "assistant") return [];
        const before = text(messages.slice(0, turn), true);
        const after = turn + 1 === messages.length && !generate ? whole : text(messages.slice(0, turn + 1), false);
        if (whole.startsWith(before) && whole.startsWith(after) && after.length >= before.length)
          return [{ start: before.length, end: after.length }];
        throw new VesaliusError("bad-data", "the chat template writes earlier turns otherwise once later ones follow", {
          where,
          fix: "learn from conversations that end with the turn of the model, one turn each",
        });
      });
      return { text: whole, written };
    },
  };
}
