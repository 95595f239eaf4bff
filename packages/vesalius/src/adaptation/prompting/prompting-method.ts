import { createDigest } from "#common/digest";
import { z } from "zod";
import { canonicalJson } from "../../common/canonical-json.ts";
import { entry } from "../../common/catalogue.ts";
import { VesaliusError } from "../../common/errors.ts";
import { takeRows } from "../../data/dataset/index.ts";
import { readExamples, type Split } from "../../data/index.ts";
import type { ChatModel } from "../../generation/index.ts";
import type { Task } from "../../tasks/index.ts";
import type { Answering, AnsweringContext, AnsweringMethod } from "../answering.ts";
import { prompted, promptings } from "./prompted.ts";
import { modelSources } from "./sources/index.ts";
import { standIn } from "./stand-in.ts";

const settingsSchema = z.strictObject({
  /** How it is asked; by the question alone where it is left out. */
  strategy: promptings.schema.prefault({ name: "zeroShot" }),
  /** Who is asked; the recipe's own backbone where it is left out. */
  model: modelSources.schema.prefault({ name: "backbone" }),
  /** Columns that the model sees of an example. */
  columns: z.array(z.string().min(1)).min(1),
  /** What of an example is shown, with `{column}` for its values; every column by its name where it is left out. */
  template: z.string().min(1).optional(),
  /** What is said before everything else. */
  system: z.string().min(1).optional(),
  /** What is asked in place of the task's own question. */
  question: z.string().min(1).optional(),
});

/** Settings of prompting. */
export type PromptingSettings = z.output<typeof settingsSchema>;

/** Examples that a rehearsal asks about. */
const rehearsed = 4;

/** Refuses to show the model the answer that it is to find. */
async function checkShown(task: Task, columns: readonly string[], split: Split): Promise<void> {
  const names = [...new Set([...columns, ...task.columns])].filter((name) => Object.hasOwn(split.columns, name));
  const [example] = await readExamples(split, names, [0]);
  if (example === undefined || task.truth(example) === null) return;
  const holds = columns.find(
    (name) => task.columns.includes(name) && task.truth({ ...example, [name]: null }) === null,
  );
  if (holds !== undefined)
    throw new VesaliusError("bad-configuration", `the column ${holds} holds the answer, which the model is to find`, {
      where: "columns",
      fix: "leave it out",
    });
}

function answeringOf({ strategy, model, ...asking }: PromptingSettings): Answering {
  const source = modelSources.create(model);
  const method = promptings.create(strategy);
  const ask = (chat: ChatModel, { task, train, seed }: AnsweringContext) =>
    prompted(task, chat, { ...asking, method, train, seed });
  return {
    ...(source.sendsTo === undefined ? {} : { sendsTo: source.sendsTo }),
    columns: [...new Set([...asking.columns, ...(method.columns ?? [])])],
    describe(task) {
      const words = { ...asking, question: asking.question ?? task.spoken?.question, strategy };
      return {
        strategy: strategy.name,
        model: source.described,
        columns: asking.columns,
        templates: createDigest().update(canonicalJson(words)).hex().slice(0, 16),
      };
    },
    identify: async (place) => (await source.identify?.(place)) ?? null,
    open: async (context) => ask(await source.open(context), context),
    async rehearse(context) {
      const { task, train } = context;
      const few = takeRows(
        train,
        Array.from({ length: Math.min(rehearsed, train.length) }, (_, row) => row),
      );
      await checkShown(task, asking.columns, few);
      const predictor = ask(standIn(source).model, { ...context, train: few });
      for await (const _ of predictor.predict(few));
      await source.check(context);
    },
    async show(context, split, count) {
      const { model: listener, said, isEnough } = standIn(source, count);
      try {
        for await (const _ of ask(listener, context).predict(split));
      } catch (error) {
        if (!isEnough(error)) throw error;
      }
      return said.map((messages) => source.sent?.(messages, context.place) ?? messages);
    },
  };
}

/**
 * A language model that is asked in words in place of a network that is trained: what it says is evaluated like any other
 * answer, on the same examples, beside the methods that train.
 *
 * @throws VesaliusError `bad-configuration` for settings that do not work
 */
export function prompting(settings: PromptingSettings): AnsweringMethod {
  return {
    name: "prompting",
    settings,
    pretrained: settings.model.name === "backbone",
    answering: answeringOf(settings),
  };
}

/** Prompting in the catalogue of methods. */
export const promptingEntry = entry({
  name: "prompting",
  summary: "Trains nothing: a language model is asked in words.",
  settings: settingsSchema,
  create: prompting,
  paper: "Brown et al. 2020",
});
