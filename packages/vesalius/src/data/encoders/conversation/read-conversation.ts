import { VesaliusError } from "../../../common/errors.ts";
import type { Turn } from "../../columns/dialogues.ts";
import { chatEncoder, type ChatEncoder } from "../../tokenizers/chat/encode-chat.ts";
import type { Tokenizer } from "../../tokenizers/tokenizer.ts";
import { behindPlaces } from "../tokens/places-in-front.ts";
import { tokenReader } from "../tokens/read-tokens.ts";
import type { ShownTokens } from "../tokens/write-tokens.ts";
import { type ConversationSettings, fieldsOfTurn } from "./settings.ts";
import { fillPrompt, textOfField, withoutOldest } from "./turns.ts";

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
   * @throws VesaliusError `bad-data` for a prompt that is too long and may not be shortened
   */
  read(values: readonly unknown[]): PreparedConversation;
}

const none = new Int32Array(0);

function checkFields({ fields, prompt, answer, shorten, of }: ConversationSettings): void {
  const asked = prompt.flatMap(fieldsOfTurn);
  const named = [...asked, ...(answer === undefined ? [] : [answer]), ...(shorten === undefined ? [] : [shorten])];
  const unknown = named.find((name) => !fields.includes(name));
  if (unknown !== undefined)
    throw new VesaliusError("bad-configuration", `the prompt names a field ${unknown}, which is not there`, {
      fix: `the fields are ${fields.join(", ")}; write {{ for a brace`,
    });
  if (shorten !== undefined && !asked.includes(shorten))
    throw new VesaliusError(
      "bad-configuration",
      `no turn of the prompt holds the field ${shorten}, which is to be shortened`,
    );
  if (prompt.some((turn) => !("turns" in turn) && answer !== undefined && fieldsOfTurn(turn).includes(answer)))
    throw new VesaliusError("bad-configuration", `the prompt holds the answer itself, the field ${answer}`);
  if (of.features !== undefined || of.pair || of.separator !== undefined)
    throw new VesaliusError("bad-configuration", "a conversation has no features of words, pairs or separators", {
      fix: "leave features, pair and separator out of the tokens",
    });
}

/** How the encoder of an encoder-decoder reads a prompt by itself. */
const alone =
  (tokenizer: Tokenizer): ChatEncoder["encode"] =>
  (messages) => {
    const text = messages.map(({ content }) => content).join("\n");
    const { ids } = tokenizer.wrap(tokenizer.encode(text, { specialTokens: "text" }));
    return { ids, written: new Uint8Array(ids.length) };
  };

/** The value of a field with less of it: a text without its last tokens, a conversation without its oldest turn. */
function shorter(value: unknown, excess: number, tokenizer: Tokenizer, speaker: string): unknown {
  if (Array.isArray(value)) return withoutOldest(value as readonly Turn[], speaker);
  const text = value as string;
  if (text === "") return undefined;
  const { offsets, ids } = tokenizer.encode(text, { specialTokens: "text" });
  const kept = Math.max(0, ids.length - excess);
  return text.slice(0, Math.min(kept === 0 ? 0 : offsets[2 * kept - 1]!, text.length - 1));
}

/**
 * Makes what reads conversations.
 *
 * @throws VesaliusError `bad-configuration` for fields that are not there, and lengths that leave no room for a prompt
 */
export function conversationReader(settings: ConversationSettings): ConversationReader {
  checkFields(settings);
  const { fields, prompt, answer, form, shorten, maximumAnswerTokens, learn, of } = settings;
  const { tokenizer, table, limit } = tokenReader(of);
  const chat = chatEncoder(tokenizer);
  const plain = form === "separate" ? alone(tokenizer) : chat.encode;
  const { front: places = 0 } = of;
  const encode: ChatEncoder["encode"] = (messages, open) => {
    const { ids, written } = plain(messages, open);
    const all = new Uint8Array(places + written.length);
    all.set(written, places);
    return { ids: behindPlaces(places, ids, table.padding), written: all };
  };
  const room = form === "separate" ? limit : limit - maximumAnswerTokens;
  if (room < 1)
    throw new VesaliusError("bad-configuration", `${limit} tokens leave no room for a prompt beside the answer`, {
      fix: `raise maximumLength of the tokens, or lower maximumAnswerTokens below ${limit}`,
    });
  // Text that a template fills in is shortened as text, also where the column holds a conversation.
  const asTurns = prompt.find((turn) => "turns" in turn && turn.turns === shorten);
  const speaker = asTurns !== undefined && "turns" in asTurns ? asTurns.speaker : undefined;

  /** The prompt's tokens, the field that may give way shortened until they fit. */
  function fitted(given: Readonly<Record<string, unknown>>) {
    let values = given;
    if (shorten !== undefined && speaker === undefined) values = { ...values, [shorten]: textOfField(values[shorten]) };
    let filled = fillPrompt(prompt, values, answer);
    let { ids } = encode(filled.messages, true);
    const full = ids.length;
    while (ids.length > room) {
      const less =
        shorten === undefined
          ? undefined
          : shorter(values[shorten], ids.length - room, tokenizer, speaker ?? "assistant");
      if (less === undefined)
        throw new VesaliusError("bad-data", `a prompt has ${full} tokens, there is room for ${room}`, {
          fix:
            shorten === undefined
              ? "name the field that may be shortened (shorten), raise maximumLength of the tokens, or leave the example out"
              : `what may not be cut beside ${shorten} is too long by itself; raise maximumLength of the tokens`,
        });
      values = { ...values, [shorten!]: less };
      filled = fillPrompt(prompt, values, answer);
      ({ ids } = encode(filled.messages, true));
    }
    return { filled, ids, cut: full - ids.length };
  }

  return {
    limit,
    read(values) {
      const given = Object.fromEntries(fields.map((name, i) => [name, values[i]]));
      const { filled, ids: front, cut } = fitted(given);
      const counts = { tokens: front.length, shortenedPrompts: cut > 0 ? 1 : 0, shortenedTokens: cut };
      const shared = { segments: none, features: none, table, ends: chat.ends, room: maximumAnswerTokens };
      if (answer === undefined || form === "separate")
        return { ...shared, ids: front, written: new Uint8Array(front.length), counts };
      const content = filled.answer ?? textOfField(given[answer]);
      const whole = encode([...filled.messages, { role: "assistant", content }], false);
      const length = Math.min(whole.ids.length, front.length + maximumAnswerTokens);
      const written = whole.written.slice(0, length);
      if (learn === "last") written.fill(0, 0, front.length);
      return {
        ...shared,
        ids: whole.ids.slice(0, length),
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
