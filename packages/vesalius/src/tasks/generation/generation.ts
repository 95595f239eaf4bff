import type { z } from "zod";
import { validate } from "../../common/check.ts";
import { VesaliusError } from "../../common/errors.ts";
import {
  answerOf,
  type Column,
  createTokenizer,
  type Example,
  type Feeds,
  type Split,
  textOfField,
  type Tokenizer,
  type TokenizerFile,
} from "../../data/index.ts";
import { type TextMeasure, textsEvaluation, type TextTruth, type WrittenText } from "../../evaluation/index.ts";
import type { Backbone } from "../../models/index.ts";
import { presentRows, requireColumn } from "../columns.ts";
import { textsFiles } from "../files/texts-files.ts";
import { generateSchema, generating } from "../inference/generate.ts";
import { roleParts } from "../roles.ts";
import { type Result, type Task, taskEntry } from "../task.ts";
import { placesLoss } from "../token-loss.ts";
import { type GenerationSettings, generationSchema, promptOf, speakerOf } from "./settings.ts";
import { suggestGeneration } from "./suggest.ts";
import { answerPart, nextTokenLogits, writingOf } from "./write-tokens-loss.ts";

/** Settings of writing texts, defaults left out at will. */
export type GenerationOptions = z.input<typeof generationSchema>;

const known = new WeakMap<object, Tokenizer>();

/** The tokenizer of a role, made once for each preparation. */
export function tokenizerOfRole({ preparation }: Backbone, role: string): Tokenizer {
  const file = preparation?.[role]?.["tokenizer"] as TokenizerFile | undefined;
  if (file === undefined)
    throw new VesaliusError("bad-argument", `the role ${role} has no tokenizer yet`, { fix: "call prepare first" });
  const made = known.get(file) ?? createTokenizer(file);
  known.set(file, made);
  return made;
}

function feeds(backbone: Backbone, settings: GenerationSettings): Feeds {
  const { role, column, shorten, maximumAnswerTokens, learn } = settings;
  const { [role]: part, ...others } = roleParts(backbone);
  if (part === undefined)
    throw new VesaliusError("bad-configuration", `${backbone.network.name} has no role ${role}`, {
      where: "task.role",
      fix: `the roles are ${Object.keys(others).join(", ")}`,
    });
  const form = writingOf(backbone);
  const { turns, columns } = promptOf(settings, backbone);
  const shared = {
    name: "conversation",
    of: part.encoder,
    prompt: turns,
    form,
    maximumAnswerTokens,
    learn,
    ...(shorten === undefined ? {} : { shorten }),
  };
  const asked = { columns, encoder: { ...shared, fields: columns } };
  if (form === "continued") {
    const fields = [...new Set([...columns, column])];
    return {
      parts: { ...others, [role]: { columns: fields, encoder: { ...shared, fields, answer: column } } },
      prediction: { ...others, [role]: asked },
    };
  }
  const { startTokens } = backbone.network;
  const writes = {
    name: "answerTokens",
    of: part.encoder,
    startTokens,
    maximumAnswerTokens,
    speaker: speakerOf(settings),
  };
  return {
    parts: { ...others, [role]: asked, [answerPart]: { columns: [column], encoder: writes, target: true } },
    prediction: {
      ...others,
      [role]: asked,
      [answerPart]: { columns: columns.slice(0, 1), encoder: { ...writes, known: false } },
    },
  };
}

/** A column of texts or conversations. */
export function requireWords(split: Split, name: string): Column {
  const column = split.columns[name];
  return column?.kind === "dialogues" ? column : requireColumn(split, name, "texts");
}

function check(split: Split, settings: GenerationSettings, use: "training" | "evaluation" | "prediction"): void {
  const { column, prompt } = settings;
  if (prompt !== undefined) for (const name of promptOf(settings).columns) requireWords(split, name);
  if (use === "prediction") return;
  const answers = requireWords(split, column);
  const present = presentRows(answers);
  const where = `split ${split.name}, column ${column}`;
  if (use === "training" && present.length < split.length)
    throw new VesaliusError(
      "bad-data",
      `${split.length - present.length} training examples have no text to be written`,
      {
        where,
        fix: "complete them or leave them out",
      },
    );
  if (present.length === 0)
    throw new VesaliusError("bad-data", "no example has a text to compare with", { where, fix: "evaluate on others" });
}

/**
 * Text to text: a decoder goes on with a prompt, an encoder-decoder writes an answer to it. The loss is the cross-entropy
 * of the answer's tokens alone; prompts are written as the tokenizer's chat template says. Answers are written token by
 * token, greedily unless the inference `generate` says otherwise.
 *
 * A prompt longer than the context is refused, or the column that `shorten` names is cut at its end, and counted: what is
 * asked is never cut.
 *
 * @throws VesaliusError `bad-configuration` for settings that do not work
 *
 * @example
 * const task = generation({ prompt: "{dialogue}\n\nNote:", column: "note", shorten: "dialogue" });
 */
export function generation(options: GenerationOptions = {}): Task<TextTruth, WrittenText, TextMeasure> {
  const settings = validate(generationSchema, options, { code: "bad-configuration", what: "generation" });
  const { role, column, prompt, words, maximumAnswerTokens } = settings;
  const asked = promptOf(settings).columns;
  const source = settings.source ?? asked.filter((name) => name !== column);
  const severalTurns =
    typeof prompt === "object" && prompt.some((turn) => "turns" in turn || turn.role === "assistant");
  const textOf = (example: Example, name: string): string | null => {
    const value = example[name] ?? null;
    return value === null ? null : name === column ? answerOf(value, speakerOf(settings)) : textOfField(value);
  };
  return {
    name: "generation",
    settings,
    columns: [...new Set([column, ...source])],
    inference: generating(generateSchema.parse({ role })),
    evaluation: textsEvaluation({ tokens: words }),
    check: (split, use) => check(split, settings, use),
    feeds: (backbone) => feeds(backbone, settings),
    fitsOn: (backbone) => ({ [role]: [...new Set([...promptOf(settings, backbone).columns, column])] }),
    head: (features, context) =>
      nextTokenLogits(features, context, role, severalTurns ? undefined : maximumAnswerTokens),
    loss({ logits, targets }) {
      const { loss, terms } = placesLoss(logits!, targets!);
      return { loss, ...(terms === undefined ? {} : { terms }) };
    },
    answers: ({ logits }) => ({ logits: logits! }),
    decode({ outputs }: Result, { backbone }) {
      const tokens = outputs["tokens"]!.data as Int32Array;
      return {
        text: tokenizerOfRole(backbone, role).decode(tokens, { skipSpecialTokens: true }).trim(),
        logProbability: outputs["logProbability"]!.data[0] as number,
        tokens: tokens.length,
        finished: outputs["finished"]!.data[0] === 1,
      };
    },
    spoken: {
      question: "Answer:",
      hear: (text) => (text.trim() === "" ? null : { text: text.trim() }),
      say: (example) => textOf(example, column),
    },
    truth(example) {
      const answer = textOf(example, column);
      const parts = source.map((name) => textOf(example, name)).filter((text) => text !== null);
      return answer === null
        ? null
        : { references: [answer], ...(parts.length === 0 ? {} : { source: parts.join("\n") }) };
    },
    toJson: (answer) => answer,
    files: (answers, split) => textsFiles(answers, split, column),
  };
}

/** Generation in the catalogue of tasks. */
export const generationEntry = taskEntry({
  name: "generation",
  summary: "Texts written in answer to prompts: notes, summaries, answers, instructions that are followed.",
  settings: generationSchema,
  suggest: suggestGeneration,
  create: (settings) => generation(settings) as unknown as Task,
});
