import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import { VesaliusError } from "../../common/errors.ts";
import { randomStream } from "../../common/random.ts";
import { choiceIn } from "../../tasks/spoken/spoken.ts";
import { neighboursOf, turnsOf } from "./neighbours.ts";
import { type Prompting, type PromptingSession, replyOf, type SolvedQuestion } from "./prompting.ts";
import { messagesOf, type Question, wordsOf } from "./question.ts";

const cue = "Think step by step, then end with: The answer is ...";

const shared = {
  /** Most tokens of reasoning and answer. */
  maximumTokens: z.int().positive().default(512),
  /** What asks for the reasoning. */
  cue: z.string().min(1).default(cue),
};
const chainSchema = z.strictObject(shared);
const medpromptSchema = z.strictObject({
  ...shared,
  /** Solved examples in front of the question, with reasoning that the model wrote for them beforehand. */
  examples: z.int().nonnegative().max(64).default(5),
  /** How often the question is asked, each time with its choices in another order. */
  ensemble: z.int().positive().max(64).default(5),
  /** Training examples that reasoning is written for, at most; only reasoning that reaches the right answer is kept. */
  reasoned: z.int().positive().default(200),
  /** Above 0, answers of one question differ beside the order of its choices. */
  temperature: z.number().min(0).default(0),
});

type Settings = z.output<typeof medpromptSchema>;

/** Reasoning over a question, and the choice that it ends with. */
async function reasoned(
  question: Question,
  order: readonly number[] | undefined,
  before: ReturnType<typeof turnsOf>,
  { model, asking, signal }: PromptingSession,
  settings: Pick<Settings, "cue" | "maximumTokens" | "temperature"> & { readonly seed: number },
): Promise<string> {
  const content = `${wordsOf(question, order)}\n\n${settings.cue}`;
  const { text } = await model.complete(messagesOf(content, asking, before), {
    maximumTokens: settings.maximumTokens,
    temperature: settings.temperature,
    seed: settings.seed,
    ...(signal === undefined ? {} : { signal }),
  });
  return text;
}

/** Chain of thought (Wei et al. 2022; without examples Kojima et al. 2022): reasoning first, the answer at its end. */
export const chainOfThought = entry({
  name: "chainOfThought",
  summary: "Reasoning step by step, the answer at its end.",
  paper: "Kojima et al. 2022, Large Language Models are Zero-Shot Reasoners",
  settings: chainSchema,
  create: (settings): Prompting => ({
    name: "chainOfThought",
    settings,
    open: (session) =>
      Promise.resolve(async (question) => {
        const asked = { ...settings, temperature: 0, seed: session.seed };
        const text = await reasoned(question, undefined, [], session, asked);
        return replyOf(session.spoken.hear(text, question.example));
      }),
  }),
});

/** Reasoning for solved examples that reaches their answers, by example. */
async function solvedReasoning(
  train: readonly SolvedQuestion[],
  session: PromptingSession,
  settings: Settings,
): Promise<readonly (SolvedQuestion & { readonly reasoning: string })[]> {
  const kept: (SolvedQuestion & { readonly reasoning: string })[] = [];
  const order = randomStream(session.seed, "reasoned").permutation(train.length).subarray(0, settings.reasoned);
  for (const row of order) {
    const one = train[row]!;
    const asked = { ...settings, temperature: 0, seed: session.seed };
    const text = await reasoned(one, undefined, [], session, asked).catch((error: unknown) => {
      // An example that does not fit into the model's context is not shown either.
      if (error instanceof VesaliusError && error.code === "bad-data") return undefined;
      throw error;
    });
    if (text === undefined) continue;
    const reached =
      one.choices === undefined
        ? text.toLowerCase().includes(one.said.toLowerCase())
        : one.choices[choiceIn(text, one.choices)] === one.said;
    if (reached) kept.push({ ...one, reasoning: text });
  }
  return kept;
}

/** One of several answers: the share of the times that each choice was named. */
async function votes(
  question: Question,
  before: ReturnType<typeof turnsOf>,
  session: PromptingSession,
  settings: Settings,
): Promise<{ readonly shares: Float32Array; readonly heard: number }> {
  const choices = question.choices!;
  const shares = new Float32Array(choices.length);
  let heard = 0;
  for (let time = 0; time < settings.ensemble; time++) {
    const stream = randomStream(session.seed, "choices", question.id, time);
    // The first time the choices stand as they are.
    const order = time === 0 ? choices.map((_, i) => i) : Array.from(stream.permutation(choices.length));
    const text = await reasoned(question, order, before, session, { ...settings, seed: session.seed + time });
    const named = choiceIn(
      text,
      order.map((choice) => choices[choice]!),
    );
    if (named < 0) continue;
    shares[order[named]!]! += 1;
    heard++;
  }
  if (heard > 0) shares.forEach((count, i) => (shares[i] = count / heard));
  return { shares, heard };
}

/**
 * Medprompt (Nori et al. 2023): the most similar solved examples with reasoning that the model wrote for them itself and
 * that reached their answers, reasoning for the question, and a vote over several orders of its choices, so that no place
 * is favoured. Tasks without choices are asked once.
 */
export const medprompt = entry({
  name: "medprompt",
  summary: "Similar examples with the model's own reasoning, and a vote over several orders of the choices.",
  paper: "Nori et al. 2023, Can Generalist Foundation Models Outcompete Special-Purpose Tuning?",
  settings: medpromptSchema,
  create: (settings): Prompting => ({
    name: "medprompt",
    settings,
    async open(session) {
      const { spoken, train } = session;
      const solved = settings.examples === 0 ? [] : await solvedReasoning(train, session, settings);
      const reasoningOf = new Map(solved.map((one) => [one.id, one.reasoning]));
      const neighbours = solved.length === 0 ? undefined : neighboursOf(solved, "medprompt");
      return async (question) => {
        const shown = neighbours?.(question, settings.examples) ?? [];
        const before = turnsOf(shown, ({ id }) => reasoningOf.get(id)!);
        if (question.choices === undefined || spoken.chosen === undefined) {
          const text = await reasoned(question, undefined, before, session, { ...settings, seed: session.seed });
          return replyOf(spoken.hear(text, question.example));
        }
        const { shares, heard } = await votes(question, before, session, settings);
        return replyOf(heard === 0 ? null : spoken.chosen(shares, question.example));
      };
    },
  }),
});
