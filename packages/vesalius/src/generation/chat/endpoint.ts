import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import type { Message } from "../../data/index.ts";
import type { ChatModel, Completion, CompletionOptions } from "./chat-model.ts";
import { type EndpointOptions, endpointSettings } from "./endpoint-settings.ts";
import { postJson } from "./post-json.ts";

const count = z.int().nonnegative().nullish();

/** What is read of an answer; services add keys of their own. */
const answerSchema = z.object({
  choices: z
    .array(
      z.object({
        message: z.object({ content: z.string().nullish() }),
        finish_reason: z.string().nullish(),
        logprobs: z
          .object({ content: z.array(z.object({ token: z.string(), logprob: z.number() })).nullish() })
          .nullish(),
      }),
    )
    .min(1),
  usage: z.object({ prompt_tokens: count, completion_tokens: count }).nullish(),
});

/** A rough number of tokens where a service does not say: a token is about three letters, an ideograph one. */
const estimate = (text: string): number => Math.ceil(text.length / 3) + (text.match(/\p{Script=Han}/gu)?.length ?? 0);

/** The value of an environment variable, where there is an environment. */
const environment = (name: string): string | undefined =>
  (globalThis as { readonly process?: { readonly env?: Readonly<Record<string, string | undefined>> } }).process?.env?.[
    name
  ];

/**
 * A service with the interface of OpenAI's chat completions that the user names: of a vendor, or llama.cpp, Ollama or vLLM
 * on the own machine. Nothing is sent anywhere else. `onPrompt` sees what is sent, after `deidentify`.
 *
 * @throws VesaliusError `bad-configuration` for settings that do not work or a key that is not there; from `complete`
 * `service-failure` where the service is down, too slow or answers nonsense, and where the budget of tokens is used up
 *
 * @example
 * const local = endpointChatModel({ url: "http://localhost:11434/v1", model: "qwen3:8b", onPrompt: console.log });
 */
export function endpointChatModel(options: EndpointOptions): ChatModel {
  const { key: given, deidentify, onPrompt, ...plain } = options;
  const settings = endpointSettings(plain);
  const { keyVariable, budget } = settings;
  const key = given ?? (keyVariable === undefined ? undefined : environment(keyVariable));
  if (keyVariable !== undefined && (key === undefined || key === ""))
    throw new VesaliusError("bad-configuration", `the environment has no ${keyVariable}`, {
      where: "endpoint.keyVariable",
      fix: "set it to the key of the service",
    });
  const url = new URL(`${settings.url.replace(/\/+$/, "")}/chat/completions`);
  let used = 0;

  async function complete(messages: readonly Message[], asked: CompletionOptions = {}): Promise<Completion> {
    const { maximumTokens, temperature = 0, topP, stop = [], seed, logProbabilities = false, signal } = asked;
    if (messages.length === 0) throw new VesaliusError("bad-argument", "there is no message", { where: "messages" });
    const sent: Message[] = [];
    for (const { role, content } of messages)
      sent.push({ role, content: deidentify === undefined ? content : await deidentify(content) });
    onPrompt?.(sent);
    const reading = sent.reduce((sum, { content }) => sum + estimate(content), 0);
    const left = budget === undefined ? Infinity : budget - used - reading;
    if (left < 1)
      throw new VesaliusError("service-failure", `the budget of ${budget} tokens is used up (${used} so far)`, {
        where: `endpoint at ${url.host}`,
        fix: "raise the budget, or ask less",
      });
    const most = Math.min(maximumTokens ?? Infinity, left);
    const answer = await postJson(
      url,
      {
        model: settings.model,
        messages: sent,
        temperature,
        stream: false,
        ...(topP === undefined ? {} : { top_p: topP }),
        ...(Number.isFinite(most) ? { max_tokens: most } : {}),
        ...(stop.length === 0 ? {} : { stop }),
        ...(seed === undefined ? {} : { seed }),
        ...(logProbabilities ? { logprobs: true } : {}),
      },
      settings,
      key,
      signal,
    );
    const parsed = answerSchema.safeParse(answer);
    const content = parsed.data?.choices[0]!.message.content;
    if (parsed.data === undefined || content === null || content === undefined)
      throw new VesaliusError("service-failure", "the endpoint's answer holds no text of an assistant", {
        where: `endpoint at ${url.host}`,
        fix: "check that the address is that of a service with OpenAI's chat completions",
      });
    const { choices, usage } = parsed.data;
    const [promptTokens, completionTokens] = [usage?.prompt_tokens ?? null, usage?.completion_tokens ?? null];
    used += (promptTokens ?? reading) + (completionTokens ?? estimate(content));
    const tokens = choices[0]!.logprobs?.content?.map(({ token, logprob }) => ({
      text: token,
      logProbability: logprob,
    }));
    return {
      text: content.trim(),
      finish: choices[0]!.finish_reason === "length" ? "length" : "end",
      usage: { promptTokens, completionTokens },
      ...(logProbabilities && tokens !== undefined ? { tokens } : {}),
    };
  }

  return { name: settings.model, complete, release: () => Promise.resolve() };
}
