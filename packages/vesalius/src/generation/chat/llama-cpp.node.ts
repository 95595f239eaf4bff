import { VesaliusError } from "../../common/errors.ts";
import { missingDependency } from "../../common/missing-dependency.ts";
import { chatEncoder, createTokenizer, ggufTokenizer, type Message, type Tokenizer } from "../../data/index.ts";
import { openGguf } from "../../models/checkpoints/index.node.ts";
import { throwIfAborted } from "../stopping.ts";
import type { ChatModel, Completion, CompletionOptions, CompletionToken, Likelihood } from "./chat-model.ts";

/** Options of `llamaCppChatModel`. */
export interface LlamaCppOptions {
  /** Tokens that fit into a conversation; as many as the model was trained with where it is left out. */
  readonly contextLength?: number | undefined;
  /** Threads; as many as the machine has cores by default. */
  readonly threads?: number | undefined;
}

interface Sampling {
  readonly temperature: number;
  readonly topP?: number;
  readonly seed?: number;
}

/** What of node-llama-cpp is used. */
interface LlamaCpp {
  readonly LlamaLogLevel: { readonly error: unknown };
  getLlama(options: object): Promise<Engine>;
}
interface Engine {
  loadModel(options: object): Promise<LoadedModel>;
  dispose(): Promise<void>;
}
interface LoadedModel {
  readonly trainContextSize: number;
  isEogToken(token: number): boolean;
  createContext(options: object): Promise<Context>;
  dispose(): Promise<void>;
}
interface Context {
  readonly contextSize: number;
  getSequence(): Sequence;
  dispose(): Promise<void>;
}
interface Sequence {
  evaluateWithMetadata(
    tokens: readonly number[],
    metadata: { readonly confidence: true },
    options: Sampling,
  ): AsyncGenerator<{ readonly token: number; readonly confidence: number }>;
  controlledEvaluate(
    input: readonly (number | readonly [number, object])[],
  ): Promise<readonly ({ readonly next: { readonly probabilities?: ReadonlyMap<number, number> } } | undefined)[]>;
  dispose(): void;
}

const packageName = "node-llama-cpp";
/** Most tokens of an answer where nobody says. */
const usualTokens = 256;
/** What is remembered of a conversation by default, at most: longer contexts take much memory. */
const usualContext = 4096;

async function llamaCpp(): Promise<LlamaCpp> {
  try {
    // The name stands in a variable as nothing is bundled that is loaded on demand.
    return (await import(packageName)) as LlamaCpp;
  } catch (error) {
    throw missingDependency(packageName, "GGUF files are run by the package node-llama-cpp", error);
  }
}

/** The tokenizer that a file brings. */
async function tokenizerOf(file: string): Promise<Tokenizer> {
  const { metadata } = await openGguf(file);
  const tokenizer = ggufTokenizer(metadata, file);
  if (tokenizer === undefined)
    throw new VesaliusError("bad-file", "the GGUF file brings no tokenizer", {
      where: file,
      fix: "take one that was converted with its tokenizer",
    });
  return createTokenizer(tokenizer);
}

/** Where the first of some texts begins; the length of the text where none occurs. */
const endOf = (text: string, stops: readonly string[]): number =>
  Math.min(text.length, ...stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0));

/**
 * A GGUF file that llama.cpp runs on the processor, as one that is spoken to: by its own tokenizer, chat template and
 * quantised weights as they are. Needs the optional package node-llama-cpp.
 *
 * @throws VesaliusError `missing-dependency` without the package, `missing-file`, `bad-file` for a file that is none or that
 * llama.cpp does not load; from its methods `bad-data` for a conversation that is longer than the context
 *
 * @example
 * const doctor = await llamaCppChatModel("models/biomistral-7b.Q4_K_M.gguf", { contextLength: 4096 });
 */
export async function llamaCppChatModel(file: string, options: LlamaCppOptions = {}): Promise<ChatModel> {
  const tokenizer = await tokenizerOf(file);
  const chat = chatEncoder(tokenizer);
  const library = await llamaCpp();
  const engine = await library.getLlama({ gpu: false, build: "never", logLevel: library.LlamaLogLevel.error });
  const opened = await open(engine, file, options).catch(async (error: unknown) => {
    await engine.dispose();
    throw error;
  });
  const { model, context } = opened;
  const decode = (ids: readonly number[]): string => tokenizer.decode(ids, { skipSpecialTokens: true });

  function read(messages: readonly Message[], wanted: number): number[] {
    if (messages.length === 0) throw new VesaliusError("bad-argument", "there is no message", { where: "messages" });
    const ids = Array.from(chat.encode(messages, true).ids);
    const room = context.contextSize - wanted;
    if (ids.length <= room) return ids;
    throw new VesaliusError("bad-data", `the conversation has ${ids.length} tokens, there is room for ${room}`, {
      where: `model ${opened.name}`,
      fix: "shorten what is asked, ask for a shorter answer (maximumTokens), or give a longer context (contextLength)",
    });
  }

  /** One conversation at a time: the engine's memory of it is cleared afterwards. */
  async function withSequence<Result>(work: (sequence: Sequence) => Promise<Result>): Promise<Result> {
    const sequence = context.getSequence();
    try {
      return await work(sequence);
    } finally {
      sequence.dispose();
    }
  }

  async function complete(messages: readonly Message[], asked: CompletionOptions = {}): Promise<Completion> {
    const { temperature = 0, topP, stop = [], seed, signal } = asked;
    const wanted = Math.min(asked.maximumTokens ?? usualTokens, Math.max(1, Math.floor(context.contextSize / 2)));
    const prompt = read(messages, wanted);
    return withSequence(async (sequence) => {
      const written: { readonly token: number; readonly confidence: number }[] = [];
      const text = (): string => decode(written.map(({ token }) => token));
      let ended = true;
      const sampling = {
        temperature,
        ...(topP === undefined ? {} : { topP }),
        ...(seed === undefined ? {} : { seed }),
      };
      for await (const one of sequence.evaluateWithMetadata(prompt, { confidence: true }, sampling)) {
        throwIfAborted(signal, written.length);
        if (chat.ends.includes(one.token) || model.isEogToken(one.token)) break;
        written.push(one);
        if (stop.length > 0 && endOf(text(), stop) < text().length) break;
        if (written.length < wanted) continue;
        ended = false;
        break;
      }
      const tokens = written.map(({ token, confidence }): CompletionToken => ({
        text: tokenizer.decode([token]),
        logProbability: Math.log(confidence),
      }));
      const whole = text();
      return {
        text: whole.slice(0, endOf(whole, stop)).trim(),
        finish: ended ? "end" : "length",
        usage: { promptTokens: prompt.length, completionTokens: written.length },
        ...(asked.logProbabilities === true ? { tokens } : {}),
      };
    });
  }

  /** How likely an answer is behind a prompt. */
  async function likelihood(messages: readonly Message[], prompt: readonly number[], answer: string) {
    const whole = Array.from(chat.encode([...messages, { role: "assistant", content: answer }], false).ids);
    const own = whole.slice(prompt.length);
    while (own.length > 0 && (chat.ends.includes(own.at(-1)!) || model.isEogToken(own.at(-1)!))) own.pop();
    if (own.length === 0) return { logProbability: 0, tokens: 0 };
    // Each token tells the probabilities of the one behind it.
    const first = prompt.length - 1;
    const input = [...prompt, ...own.slice(0, -1)].map((token, i) =>
      i < first ? token : ([token, { generateNext: { probabilities: true } }] as const),
    );
    const found = await withSequence((sequence) => sequence.controlledEvaluate(input));
    const logProbability = own.reduce((sum, token, i) => {
      const probability = found[first + i]?.next.probabilities?.get(token) ?? 0;
      return sum + Math.log(Math.max(probability, Number.MIN_VALUE));
    }, 0);
    return { logProbability, tokens: own.length };
  }

  async function likelihoods(
    messages: readonly Message[],
    answers: readonly string[],
    { signal }: Pick<CompletionOptions, "signal"> = {},
  ): Promise<readonly Likelihood[]> {
    const prompt = read(messages, Math.max(1, ...answers.map((answer) => tokenizer.encode(answer).ids.length)));
    const found: Likelihood[] = [];
    for (const answer of answers) {
      throwIfAborted(signal, 0);
      found.push(await likelihood(messages, prompt, answer));
    }
    return found;
  }

  return { name: opened.name, complete, likelihoods, release: () => opened.release() };
}

/** Opens a file in the engine, with one context. */
async function open(engine: Engine, file: string, { contextLength, threads }: LlamaCppOptions) {
  try {
    const model = await engine.loadModel({ modelPath: file });
    const contextSize = contextLength ?? Math.min(usualContext, model.trainContextSize);
    const context = await model.createContext({
      contextSize,
      sequences: 1,
      ...(threads === undefined ? {} : { threads }),
    });
    return {
      name: file.split(/[\\/]/).at(-1)!,
      model,
      context,
      async release() {
        await context.dispose();
        await model.dispose();
        await engine.dispose();
      },
    };
  } catch (error) {
    throw new VesaliusError("bad-file", "llama.cpp does not load the GGUF file", {
      where: file,
      fix: "check that the file is whole, that the package node-llama-cpp is new enough for its architecture, and that it fits into memory",
      cause: error,
    });
  }
}
