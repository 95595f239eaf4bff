import { VesaliusError } from "../../../common/errors.ts";
import { chatEncoder, type ChatEncoder } from "../../tokenizers/chat/encode-chat.ts";
import { fieldsOf, fillTemplate, type Message } from "../../tokenizers/chat/messages.ts";
import { type TokenReader, tokenReader } from "../tokens/read-tokens.ts";
import type { ShownTokens } from "../tokens/write-tokens.ts";
import type { ConversationSettings } from "./settings.ts";

/** A conversation as tokens, and what of it is learned. */
export interface PreparedConversation extends ShownTokens {
  /** `[tokens]` 1 for tokens that the model writes. */
  readonly written: Uint8Array;
  /** Tokens that end what the model writes. */
  readonly ends: readonly number[];
  /** Most tokens that the model is to write. */
  readonly room: number;
  readonly counts: Readonly<Record<string, number>>;
}

/** Reads prompts, with or without answers. */
export interface ConversationReader {
  readonly limit: number;
  /**
   * @param values of the fields, in their order
   * @throws VesaliusError `bad-data` for a prompt that is too long and may not be shortened, or an answer without a word
   */
  read(values: readonly unknown[]): PreparedConversation;
}

const none = new Int32Array(0);

function checkFields({ fields, prompt, answer, shorten, of }: ConversationSettings): void {
  const asked = prompt.flatMap(({ content }) => fieldsOf(content));
  const unknown = [
    ...asked,
    ...(answer === undefined ? [] : [answer]),
    ...(shorten === undefined ? [] : [shorten]),
  ].find((name) => !fields.includes(name));
  if (unknown !== undefined)
    throw new VesaliusError("bad-configuration", `the prompt names a field ${unknown}, which is not there`, {
      fix: `the fields are ${fields.join(", ")}; write {{ for a brace`,
    });
  if (shorten !== undefined && !asked.includes(shorten))
    throw new VesaliusError(
      "bad-configuration",
      `no turn of the prompt holds the field ${shorten}, which is to be shortened`,
    );
  if (answer !== undefined && asked.includes(answer))
    throw new VesaliusError("bad-configuration", `the prompt holds the answer itself, the field ${answer}`);
  if (of.features !== undefined || of.pair || of.separator !== undefined)
    throw new VesaliusError("bad-configuration", "a conversation has no features of words, pairs or separators", {
      fix: "leave features, pair and separator out of the tokens",
    });
}

/** How a network reads a prompt by itself. */
const alone = (reader: TokenReader): Pick<ChatEncoder, "encode"> => ({
  encode(messages) {
    const { tokenizer } = reader;
    const text = messages.map(({ content }) => content).join("\n");
    const { ids } = tokenizer.wrap(tokenizer.encode(text, { specialTokens: "text" }));
    return { ids, written: new Uint8Array(ids.length) };
  },
});

/**
 * Makes what reads conversations.
 *
 * @throws VesaliusError `bad-configuration` for fields that are not there, and lengths that leave no room for a prompt
 */
export function conversationReader(settings: ConversationSettings): ConversationReader {
  checkFields(settings);
  const { fields, prompt, answer, form, shorten, maximumAnswerTokens, of } = settings;
  const reader = tokenReader(of);
  const { tokenizer, table, limit } = reader;
  const chat = chatEncoder(tokenizer);
  const { encode } = form === "separate" ? alone(reader) : chat;
  const room = form === "separate" ? limit : limit - maximumAnswerTokens;
  if (room < 1)
    throw new VesaliusError("bad-configuration", `${limit} tokens leave no room for a prompt beside the answer`, {
      fix: `raise maximumLength of the tokens, or lower maximumAnswerTokens below ${limit}`,
    });
  const turns = (given: Readonly<Record<string, string>>): Message[] =>
    prompt.map(({ role, content }) => ({ role, content: fillTemplate(content, given) }));

  /** The prompt's tokens, the field that may give way shortened at its end until they fit. */
  function fitted(given: Readonly<Record<string, string>>) {
    let now = given;
    let messages = turns(now);
    let { ids } = encode(messages, true);
    const full = ids.length;
    const whole = shorten === undefined ? "" : now[shorten]!;
    while (ids.length > room) {
      const left = shorten === undefined ? "" : now[shorten]!;
      if (left === "")
        throw new VesaliusError("bad-data", `a prompt has ${full} tokens, there is room for ${room}`, {
          fix:
            shorten === undefined
              ? "name the field that may be shortened (shorten), raise maximumLength of the tokens, or leave the example out"
              : `the rest of the prompt alone is too long without ${shorten}; raise maximumLength of the tokens`,
        });
      const { offsets, ids: own } = tokenizer.encode(left, { specialTokens: "text" });
      const kept = Math.max(0, own.length - (ids.length - room));
      const end = kept === 0 ? 0 : offsets[2 * kept - 1]!;
      now = { ...now, [shorten!]: left.slice(0, Math.min(end, left.length - 1)) };
      messages = turns(now);
      ({ ids } = encode(messages, true));
    }
    const shortened = shorten !== undefined && now[shorten] !== whole;
    return { messages, ids, cut: shortened ? full - ids.length : 0, shortened };
  }

  return {
    limit,
    read(values) {
      const given = Object.fromEntries(fields.map((name, i) => [name, values[i] as string]));
      const { messages, ids: front, cut, shortened } = fitted(given);
      const counts = { tokens: front.length, shortenedPrompts: shortened ? 1 : 0, shortenedTokens: cut };
      const shared = { segments: none, features: none, table, ends: chat.ends, room: maximumAnswerTokens };
      if (answer === undefined || form === "separate")
        return { ...shared, ids: front, written: new Uint8Array(front.length), counts };
      const whole = encode([...messages, { role: "assistant", content: given[answer]! }], false);
      const length = Math.min(whole.ids.length, front.length + maximumAnswerTokens);
      const ids = whole.ids.slice(0, length);
      const written = whole.written.slice(0, length);
      return {
        ...shared,
        ids,
        written,
        counts: {
          ...counts,
          tokens: length,
          truncatedAnswers: length < whole.ids.length ? 1 : 0,
          truncatedAnswerTokens: whole.ids.length - length,
        },
      };
    },
  };
}
