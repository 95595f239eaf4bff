import { VesaliusError } from "../../../common/errors.ts";
import type { Tokenizer } from "../tokenizer.ts";
import { chatTemplate } from "./chat-template.ts";
import type { Message } from "./messages.ts";

/** A conversation as tokens. */
export interface EncodedChat {
  readonly ids: Int32Array;
  /** `[tokens]` 1 for tokens that the model writes, those that end its turns among them. */
  readonly written: Uint8Array;
}

/** Turns conversations into what a decoder reads and writes. */
export interface ChatEncoder {
  /** @param generate whether the model's next turn is to follow */
  readonly encode: (messages: readonly Message[], generate: boolean) => EncodedChat;
  /** Tokens that end what a model writes. */
  readonly ends: readonly number[];
}

const speakers: Readonly<Record<Message["role"], string>> = {
  system: "System",
  user: "User",
  assistant: "Assistant",
};

function endOf(tokenizer: Tokenizer): number {
  const { end } = tokenizer.special;
  if (end !== undefined) return end;
  throw new VesaliusError("bad-configuration", "the tokenizer has no token that ends a text", {
    fix: "name one in the tokenizer's special tokens, role end",
  });
}

/**
 * Conversations of checkpoints without a template of their own: a single question stands as it is, several turns each
 * behind who speaks; a line break parts them, or the end token where the vocabulary has no line break; the end token ends
 * what the model writes.
 */
function plainChat(tokenizer: Tokenizer): ChatEncoder {
  const end = endOf(tokenizer);
  const ofText = (text: string): Int32Array => tokenizer.encode(text, { specialTokens: "text" }).ids;
  const lineBreak = ofText("\n");
  const boundary = lineBreak.length > 0 ? lineBreak : Int32Array.of(end);
  const around = tokenizer.wrap(tokenizer.encode("a"));
  const leading = around.ids.subarray(
    0,
    around.sequenceIds.findIndex((sequence) => sequence >= 0),
  );
  return {
    ends: [end],
    encode(messages, generate) {
      const ids: number[] = [...leading];
      const written: number[] = ids.map(() => 0);
      const add = (tokens: Iterable<number>, own: boolean): void => {
        for (const token of tokens) {
          ids.push(token);
          written.push(own ? 1 : 0);
        }
      };
      const answered = !generate && messages.at(-1)?.role === "assistant";
      const named = messages.length - (answered ? 1 : 0) > 1;
      for (const { role, content } of messages) {
        const own = role === "assistant";
        if (named) add(ofText(`${speakers[role]}:${own ? "" : ` ${content}`}`), false);
        if (own && named) add(boundary, false);
        if (own || !named) add(ofText(content), own);
        add(own ? [end] : boundary, own);
        if (own && named) add(lineBreak, false);
      }
      if (generate && named) {
        add(ofText(`${speakers.assistant}:`), false);
        add(boundary, false);
      }
      return { ids: Int32Array.from(ids), written: Uint8Array.from(written) };
    },
  };
}

/** Conversations by the template that the checkpoint carries, tokens as transformers makes them of the rendered text. */
function templatedChat(tokenizer: Tokenizer, source: string): ChatEncoder {
  const { special, vocabulary } = tokenizer;
  const named = { bos_token: special.start, eos_token: special.end, pad_token: special.padding };
  const template = chatTemplate(
    source,
    Object.fromEntries(
      Object.entries(named).flatMap(([key, id]) => (id === undefined ? [] : [[key, vocabulary[id]!]])),
    ),
  );
  const added = tokenizer.toJson().tokenizer.added_tokens.filter((token) => token.special);
  const specials = new Set(added.map(({ id }) => id));
  const encode: ChatEncoder["encode"] = (messages, generate) => {
    for (const { content } of messages)
      if (added.some((token) => content.includes(token.content)))
        throw new VesaliusError(
          "bad-data",
          "a message holds a special token of the tokenizer, which would act as one",
          {
            fix: "take it out of the text",
          },
        );
    const { text, written } = template.render(messages, generate);
    const { ids, offsets } = tokenizer.encode(text);
    const flags = Uint8Array.from(ids, (_, token) => {
      const [start, end] = [offsets[2 * token]!, offsets[2 * token + 1]!];
      const place = start === end ? start : end - 1;
      return written.some((span) => place >= span.start && place < span.end) ? 1 : 0;
    });
    return { ids, written: flags };
  };
  const ends = new Set(special.end === undefined ? [] : [special.end]);
  // What stands behind the words of a turn ends it: <|im_end|>, <|eot_id|>.
  const turn = encode(
    [
      { role: "user", content: "a" },
      { role: "assistant", content: "b" },
    ],
    false,
  );
  const last = turn.ids.findLastIndex((id, token) => turn.written[token] === 1 && specials.has(id));
  if (last >= 0) ends.add(turn.ids[last]!);
  if (ends.size === 0) endOf(tokenizer);
  return { encode, ends: [...ends] };
}

/**
 * How a tokenizer writes conversations: by its chat template where it carries one, else plainly.
 *
 * @throws VesaliusError `bad-configuration` for a tokenizer without a token that ends a text, `bad-file` for a template
 * that cannot be read, `bad-data` from `encode` where the template refuses a conversation
 */
export function chatEncoder(tokenizer: Tokenizer): ChatEncoder {
  const { chatTemplate: source } = tokenizer.toJson();
  return source === undefined ? plainChat(tokenizer) : templatedChat(tokenizer, source);
}
