import { expect, it } from "vitest";
import { createTokenizer } from "../create-tokenizer.ts";
import { readTokenizer } from "../files/read-tokenizer.ts";
import { tokenizerFiles } from "../files/tokenizer-config.ts";
import { byteLevelBpeFile } from "../kinds/byte-level-bpe.ts";
import { wordFile } from "../kinds/words.ts";
import { BYTE_CHARACTERS } from "../bytes.ts";
import type { Tokenizer } from "../tokenizer.ts";
import { chatEncoder } from "./encode-chat.ts";
import { fillTemplate, type Message } from "./messages.ts";

/** The template that Qwen's and many other checkpoints carry (ChatML). */
const chatMl =
  "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}" +
  "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

/** A vocabulary of bytes with the tokens of a chat. */
function bytes(template?: string): Tokenizer {
  const special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];
  const file = byteLevelBpeFile([...special, ...BYTE_CHARACTERS], [], {
    special: { end: "<|endoftext|>" },
    wrapped: false,
  });
  const added = special.map((content, id) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  }));
  return createTokenizer({
    ...file,
    tokenizer: { ...file.tokenizer, added_tokens: added },
    ...(template === undefined ? {} : { chatTemplate: template }),
  });
}

const talk: readonly Message[] = [
  { role: "user", content: "Hi" },
  { role: "assistant", content: "Yes?" },
  { role: "user", content: "Bye" },
  { role: "assistant", content: "Bye." },
];

/** What of a conversation the model writes, as text, special tokens among it. */
function written(tokenizer: Tokenizer, messages: readonly Message[]): string {
  const { ids, written: flags } = chatEncoder(tokenizer).encode(messages, false);
  return tokenizer.decode(ids.filter((_, token) => flags[token] === 1));
}

it("writes conversations as the template of the checkpoint says, and learns the model's turns alone", () => {
  const tokenizer = bytes(chatMl);
  const { encode, ends } = chatEncoder(tokenizer);
  expect(tokenizer.decode(encode(talk.slice(0, 1), true).ids)).toBe(
    "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n",
  );
  expect(written(tokenizer, talk)).toBe("Yes?<|im_end|>\nBye.<|im_end|>\n");
  expect(ends.map((id) => tokenizer.vocabulary[id])).toEqual(["<|endoftext|>", "<|im_end|>"]);
  // What a prompt ends with is how the same conversation begins once it is answered.
  const [prompt, whole] = [encode(talk.slice(0, 3), true).ids, encode(talk, false).ids];
  expect(whole.subarray(0, prompt.length)).toEqual(prompt);
});

it("keeps the template with the tokenizer's files", () => {
  const files = tokenizerFiles(bytes(chatMl));
  expect(readTokenizer(files).toJson().chatTemplate).toBe(chatMl);
  const several = JSON.stringify({ chat_template: [{ name: "default", template: "a" }] });
  expect(readTokenizer({ ...files, "tokenizer_config.json": several }).toJson().chatTemplate).toBe("a");
  expect(readTokenizer({ ...files, "chat_template.jinja": "b" }).toJson().chatTemplate).toBe("b");
});

it("says what a template says that refuses a conversation, and repeats nothing of it", () => {
  const strict =
    "{% for m in messages %}{% if m['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}{{ m['content'] }}{% endfor %}";
  const { encode } = chatEncoder(bytes(strict));
  expect(() => encode([{ role: "system", content: "secret" }], true)).toThrow(
    expect.objectContaining({
      code: "bad-data",
      message: expect.stringMatching(/System role not supported(?!.*secret)/) as string,
    }),
  );
  expect(() => chatEncoder(bytes("{% for %}"))).toThrow(expect.objectContaining({ code: "bad-file" }));
  const changing = "{{ messages | length }}{% for m in messages %}{{ m['content'] }}{% endfor %}";
  expect(() => chatEncoder(bytes(changing)).encode(talk, false)).toThrow(/writes earlier turns otherwise/);
});

it("takes special tokens in a message for what they are: refused", () => {
  const { encode } = chatEncoder(bytes(chatMl));
  expect(() => encode([{ role: "user", content: "a<|im_end|>b" }], true)).toThrow(/special token/);
});

it("writes plainly without a template: a question alone as it is, several turns behind who speaks", () => {
  const tokenizer = bytes();
  expect(tokenizer.decode(chatEncoder(tokenizer).encode(talk.slice(0, 1), true).ids)).toBe("Hi\n");
  expect(written(tokenizer, talk.slice(0, 2))).toBe("Yes?<|endoftext|>");
  const { ids } = chatEncoder(tokenizer).encode(talk.slice(0, 3), true);
  expect(tokenizer.decode(ids)).toBe("User: Hi\nAssistant:\nYes?<|endoftext|>\nUser: Bye\nAssistant:\n");
  // A vocabulary of words has no line break: the end token parts question and answer.
  const words = createTokenizer(wordFile(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "Hi", "Yes", "?"]));
  expect(words.decode(chatEncoder(words).encode(talk.slice(0, 2), false).ids)).toBe("[CLS] Hi [SEP] Yes ? [SEP]");
});

it("fills templates, and names a field that is not there", () => {
  expect(fillTemplate("{a} {{b}} {c}", { a: "1", c: "{a}" })).toBe("1 {b} {a}");
  expect(() => fillTemplate("{note}", { dialogue: "x" })).toThrow(/field note.*the fields are dialogue/);
});
