import { expect, it } from "vitest";
import { createTokenizer } from "../tokenizers/create-tokenizer.ts";
import { wordFile } from "../tokenizers/kinds/words.ts";
import { conversationReader, type PreparedConversation } from "./conversation/read-conversation.ts";
import { conversationSettingsSchema } from "./conversation/settings.ts";

const words = "[PAD] [UNK] [CLS] [SEP] [MASK] : User Assistant hi yes bye no fever cough note".split(" ");
const file = wordFile(words);
const tokenizer = createTokenizer(file);

const reader = (settings: object, maximumLength = 64) =>
  conversationReader(
    conversationSettingsSchema.parse({
      of: { name: "tokens", tokenizer: file, maximumLength },
      maximumAnswerTokens: 6,
      ...settings,
    }),
  );
const text = ({ ids }: PreparedConversation): string => tokenizer.decode(ids);
const learned = ({ ids, written }: PreparedConversation): string =>
  tokenizer.decode(ids.filter((_, token) => written[token] === 1));

const talk = [
  { role: "user", text: "hi" },
  { role: "assistant", text: "yes" },
  { role: "user", text: "fever" },
  { role: "assistant", text: "no" },
];
const turns = { fields: ["talk"], prompt: [{ turns: "talk" }] };

it("learns every turn of the model, or the last one, and leaves its turn open without an answer", () => {
  expect(learned(reader({ ...turns, answer: "talk" }).read([talk]))).toBe("yes [SEP] no [SEP]");
  expect(learned(reader({ ...turns, answer: "talk", learn: "last" }).read([talk]))).toBe("no [SEP]");
  const open = text(reader(turns).read([talk]));
  expect(open).toBe("[CLS] User : hi [SEP] Assistant : [SEP] yes [SEP] User : fever [SEP] Assistant : [SEP]");
  const whole = text(reader({ ...turns, answer: "talk" }).read([talk]));
  expect(whole).toBe(`${open} no [SEP]`);
  expect(() => reader({ ...turns, answer: "talk" }).read([talk.slice(0, 1)])).toThrow(/no turn of assistant/);
});

it("shortens a conversation by its oldest turns and a text at its end, and counts it; the question stays", () => {
  const short = reader({ ...turns, answer: "talk", shorten: "talk" }, 20).read([talk]);
  expect(short.counts).toMatchObject({ shortenedPrompts: 1, shortenedTokens: 4 });
  expect(text(short)).toContain("fever");
  const asked = { fields: ["talk"], prompt: [{ role: "user", content: "{talk} note" }] };
  const cut = reader({ ...asked, shorten: "talk" }, 12).read(["cough cough cough cough cough cough cough"]);
  expect(text(cut)).toBe("[CLS] cough cough cough note [SEP]");
  expect(cut.counts).toMatchObject({ shortenedPrompts: 1, shortenedTokens: 4, tokens: 6 });
  expect(() => reader(asked, 12).read(["cough cough cough cough cough cough cough"])).toThrow(
    /a prompt has 10 tokens, there is room for 6; name the field that may be shortened/,
  );
  expect(() => reader({ ...asked, shorten: "talk" }, 8).read(["cough cough"])).toThrow(/too long by itself/);
});

it("cuts an answer that is too long, and says so", () => {
  const answered = { fields: ["talk", "note"], prompt: [{ role: "user", content: "{talk}" }], answer: "note" };
  const read = reader(answered).read(["hi", "no no no no no no no no"]);
  expect(learned(read)).toBe("no no no no no no");
  expect(read.counts).toMatchObject({ truncatedAnswers: 1, truncatedAnswerTokens: 3 });
});

it("refuses fields that are not there, and prompts that hold their own answer", () => {
  const prompt = (content: string) => [{ role: "user", content }];
  expect(() => reader({ fields: ["talk"], prompt: prompt("{notes}") })).toThrow(/field notes, which is not there/);
  expect(() => reader({ fields: ["talk"], prompt: prompt("{talk}"), answer: "talk" })).toThrow(
    /holds the answer itself/,
  );
  expect(() => reader({ ...turns, prompt: [{ turns: "talk" }] }).read(["a text"])).toThrow(/holds no conversation/);
});
