import { VesaliusError } from "../../common/errors.ts";
import { chatEncoder, type Message, type Tokenizer } from "../../data/index.ts";
import type { LanguageModel } from "../language-model.ts";
import { logProbabilityOf } from "../probabilities.ts";
import { throwIfAborted } from "../stopping.ts";
import type { GeneratedToken } from "../write-tokens.ts";
import { writeTokens } from "../write-tokens.ts";
import { generationSettings } from "../options.ts";
import type { ChatModel, Completion, CompletionOptions, Likelihood } from "./chat-model.ts";

/** Most tokens of an answer where nobody says. */
const usualTokens = 256;

/** Where the first of some texts begins; -1 where none occurs. */
const firstOf = (text: string, stops: readonly string[]): number =>
  stops
    .map((stop) => text.indexOf(stop))
    .reduce((first, at) => (at >= 0 && (first < 0 || at < first) ? at : first), -1);

/**
 * A network with its tokenizer as a model that is spoken to, by the tokenizer's chat template where it carries one.
 *
 * @param name for records
 * @throws VesaliusError `bad-configuration` for a tokenizer without a token that ends a text; from its methods `bad-data`
 * for a conversation that is longer than the context: nothing of what is asked is cut
 *
 * @example
 * const doctor = ownChatModel("our-gpt2", await languageModel(gpt2Decoder(config), weights), tokenizer);
 * const { text } = await doctor.complete([{ role: "user", content: "What is asthma?" }]);
 */
export function ownChatModel(name: string, model: LanguageModel, tokenizer: Tokenizer): ChatModel {
  const chat = chatEncoder(tokenizer);
  const decode = (ids: readonly number[]): string => tokenizer.decode(ids, { skipSpecialTokens: true });
  const special = new Set(chat.ends);

  function read(messages: readonly Message[], wanted: number): number[] {
    if (messages.length === 0) throw new VesaliusError("bad-argument", "there is no message", { where: "messages" });
    if (model.kind === "encoder-decoder") {
      const text = messages.map(({ content }) => content).join("\n");
      return check(
        Array.from(tokenizer.wrap(tokenizer.encode(text, { specialTokens: "text" })).ids),
        model.promptLength,
      );
    }
    return check(Array.from(chat.encode(messages, true).ids), model.contextLength - wanted);
  }

  function check(ids: number[], most: number): number[] {
    if (ids.length <= most) return ids;
    throw new VesaliusError("bad-data", `the conversation has ${ids.length} tokens, there is room for ${most}`, {
      where: `model ${name}`,
      fix: "shorten what is asked, ask for a shorter answer (maximumTokens), or use a model with a longer context",
    });
  }

  async function complete(messages: readonly Message[], options: CompletionOptions = {}): Promise<Completion> {
    const { temperature = 0, topP, stop = [], seed = 0, signal } = options;
    const longest = Number.isFinite(model.contextLength) ? model.contextLength : usualTokens * 2;
    const wanted = Math.min(options.maximumTokens ?? usualTokens, Math.max(1, Math.floor(longest / 2)));
    const prompt = read(messages, wanted);
    const settings = generationSettings(model, [prompt], {
      search:
        temperature === 0
          ? { method: "greedy" }
          : { method: "sample", temperature, ...(topP === undefined ? {} : { topP }) },
      maximumNewTokens: wanted,
      endTokens: [...chat.ends],
      seed,
    });
    const written: GeneratedToken[] = [];
    let cut = -1;
    for await (const token of writeTokens(model, [prompt], settings, signal)) {
      written.push(token);
      if (stop.length === 0) continue;
      cut = firstOf(decode(written.map((one) => one.token)), stop);
      if (cut >= 0) break;
    }
    const text = decode(written.map(({ token }) => token));
    const ended = cut >= 0 || written.at(-1)?.finish === "endToken";
    return {
      text: (cut >= 0 ? text.slice(0, cut) : text).trim(),
      finish: ended ? "end" : "length",
      usage: { promptTokens: prompt.length, completionTokens: written.length },
      ...(options.logProbabilities === true
        ? { tokens: written.map(({ token, logProbability }) => ({ text: tokenizer.decode([token]), logProbability })) }
        : {}),
    };
  }

  /** Tokens of an answer behind a prompt, without those that end it. */
  function answerTokens(messages: readonly Message[], prompt: readonly number[], answer: string): number[] {
    const given =
      model.kind === "encoder-decoder"
        ? Array.from(tokenizer.wrap(tokenizer.encode(answer, { specialTokens: "text" })).ids)
        : Array.from(chat.encode([...messages, { role: "assistant", content: answer }], false).ids).slice(
            prompt.length,
          );
    while (given.length > 0 && special.has(given.at(-1)!)) given.pop();
    return given;
  }

  async function likelihoods(
    messages: readonly Message[],
    answers: readonly string[],
    { signal }: Pick<CompletionOptions, "signal"> = {},
  ): Promise<readonly Likelihood[]> {
    if (answers.length === 0) return [];
    const prompt = read(messages, 1);
    const tokens = answers.map((answer) => answerTokens(messages, prompt, answer));
    const longest = Math.max(...tokens.map(({ length }) => length));
    if (model.kind === "causal")
      check([...prompt, ...tokens.find(({ length }) => length === longest)!], model.contextLength);
    throwIfAborted(signal, 0);
    const texts = await model.begin([prompt], answers.length);
    const sums = answers.map(() => 0);
    try {
      for (let place = 0; place < longest; place++) {
        tokens.forEach((own, row) => {
          if (place < own.length) sums[row]! += logProbabilityOf(texts.logits[row]!, own[place]!);
        });
        throwIfAborted(signal, place + 1);
        if (place + 1 < longest) await texts.append(tokens.map((own) => own[place] ?? 0));
      }
    } finally {
      texts.release();
    }
    return tokens.map(({ length }, row) => ({ logProbability: sums[row]!, tokens: length }));
  }

  return { name, complete, likelihoods, release: () => model.release() };
}
