import { z } from "zod";
import { formatCsv } from "../../common/csv.ts";
import { validate } from "../../common/check.ts";
import { VesaliusError } from "../../common/errors.ts";
import { numbersColumn, type Split } from "../../data/index.ts";
import { type PairAnswer, type PairMeasure, preferencesEvaluation } from "../../evaluation/index.ts";
import {
  add,
  cast,
  concat,
  greater,
  multiply,
  reduceMean,
  reshape,
  slice,
  softplus,
  subtract,
  type Value,
} from "../../graph/index.ts";
import type { Backbone } from "../../models/index.ts";
import { requireWords } from "../generation/generation.ts";
import { promptOf, promptSchema } from "../generation/settings.ts";
import { nextTokenLogits, writingOf } from "../generation/write-tokens-loss.ts";
import { onePass } from "../inference/one-pass.ts";
import { roleParts } from "../roles.ts";
import { type Result, type Task, taskEntry } from "../task.ts";
import { labelLogProbabilities } from "../token-loss.ts";

/** Settings of preference tuning. */
export const preferenceSchema = z.strictObject({
  /** Role whose tokens are read. */
  role: z.string().default("text"),
  /** What is said to the model, as in the task `generation`. */
  prompt: promptSchema.default("{prompt}"),
  /** Column of the answer that is preferred. */
  chosen: z.string().default("chosen"),
  /** Column of the other answer. */
  rejected: z.string().default("rejected"),
  /** How far the model may go from what it was: the smaller, the further. */
  beta: z.number().positive().default(0.1),
  /** Share of the preferences that are taken to be wrong (conservative DPO, Mitchell 2023). */
  labelSmoothing: z.number().min(0).lt(0.5).default(0),
  /** Column that gives way where a prompt is too long. */
  shorten: z.string().optional(),
  /** Most tokens of an answer; longer ones are cut. */
  maximumAnswerTokens: z.int().positive().default(128),
});

/** Settings of preference tuning, defaults left out at will. */
export type PreferenceOptions = z.input<typeof preferenceSchema>;

/** Column of what the model as it starts says of a pair: `[chosen, rejected]`, sums of log-probabilities. */
const referenceColumn = "reference log-probabilities";

/** The two halves of rows, as columns `[rows, 2]`: what is said of the preferred answers beside that of the others. */
function pairs(values: Value): Value {
  const rows = values.shape[0]! / 2;
  const half = (from: number): Value => reshape(slice(values, 0, from, from + rows), [rows, 1]);
  return concat([half(0), half(rows)], 1);
}

/**
 * Loss of direct preference optimization (Rafailov et al. 2023, equation 7), mean over pairs, with the gain of either answer
 * over the reference for records.
 *
 * @param policy `[pairs, 2]` log-probabilities of the preferred and the other answer
 * @param reference the same of the model as it was
 */
export function directPreferenceLoss(
  policy: Value,
  reference: Value,
  { beta, labelSmoothing }: Pick<z.output<typeof preferenceSchema>, "beta" | "labelSmoothing">,
): { readonly loss: Value; readonly margin: Value; readonly accuracy: Value } {
  const { graph } = policy;
  const rewards = multiply(subtract(policy, reference), graph.scalar(beta));
  const margins = subtract(slice(rewards, 1, 0, 1), slice(rewards, 1, 1, 2));
  const mean = (x: Value): Value => reduceMean(x, undefined, { keepDimensions: false });
  const lost = (sign: 1 | -1): Value => mean(softplus(multiply(margins, graph.scalar(-sign))));
  const loss =
    labelSmoothing === 0
      ? lost(1)
      : add(multiply(lost(1), graph.scalar(1 - labelSmoothing)), multiply(lost(-1), graph.scalar(labelSmoothing)));
  return { loss, margin: mean(margins), accuracy: mean(cast(greater(margins, graph.scalar(0)), "float32")) };
}

function feeds(backbone: Backbone, settings: z.output<typeof preferenceSchema>) {
  const { role, chosen, rejected, shorten, maximumAnswerTokens } = settings;
  if (writingOf(backbone) !== "continued")
    throw new VesaliusError("bad-configuration", `${backbone.network.name} is no causal decoder`, {
      where: "task preference",
      fix: "choose one, such as gpt2 or llama",
    });
  const { [role]: part, ...others } = roleParts(backbone);
  if (part === undefined)
    throw new VesaliusError("bad-configuration", `${backbone.network.name} has no role ${role}`, {
      where: "task.role",
    });
  const { turns, columns } = promptOf(settings);
  const fields = [...columns, chosen, rejected];
  const encoder = {
    name: "preferencePair",
    of: part.encoder,
    fields,
    prompt: turns,
    chosen,
    rejected,
    maximumAnswerTokens,
    ...(shorten === undefined ? {} : { shorten }),
  };
  return {
    parts: {
      ...others,
      [role]: { columns: fields, encoder },
      reference: { columns: [referenceColumn], encoder: { name: "plainNumbers", count: 2 }, target: true },
    },
  };
}

/**
 * Direct preference optimization (Rafailov et al. 2023): of two answers to a prompt the preferred one becomes more likely
 * than the other, as far as the model as it starts (its adapter switched off) allows. What that one says of every pair is
 * computed once, before training.
 *
 * @throws VesaliusError `bad-configuration` for settings that do not work
 *
 * @example
 * const model = await adapt(tuned, preference({ beta: 0.1 }), { method: lora({ rank: 8 }), data: pairs });
 */
export function preference(options: PreferenceOptions = {}): Task<1, PairAnswer, PairMeasure> {
  const settings = validate(preferenceSchema, options, { code: "bad-configuration", what: "preference" });
  const { role, chosen, rejected, maximumAnswerTokens } = settings;
  const { columns } = promptOf(settings);
  const both = ({ outputs }: Result): PairAnswer => {
    const [sums, tokens] = [outputs["logProbabilities"]!.data, outputs["tokens"]!.data];
    return {
      chosen: Number(sums[0]),
      rejected: Number(sums[1]),
      chosenTokens: Number(tokens[0]),
      rejectedTokens: Number(tokens[1]),
    };
  };
  return {
    name: "preference",
    settings,
    columns: [chosen, rejected],
    adds: [referenceColumn],
    inference: onePass,
    evaluation: preferencesEvaluation(),
    check(split) {
      for (const name of [...columns, chosen, rejected]) requireWords(split, name);
    },
    feeds: (backbone) => feeds(backbone, settings),
    fitsOn: () => ({ [role]: [...columns, chosen, rejected] }),
    async fromStart(results, split) {
      const values = new Float32Array(2 * split.length);
      for await (const result of results) {
        const { chosen: first, rejected: second } = both(result);
        values.set([first, second], 2 * result.row);
      }
      const reference = numbersColumn(["chosen", "rejected"], split.length, Array.from(values));
      return { ...split, columns: { ...split.columns, [referenceColumn]: reference } };
    },
    head(features, context) {
      // Only answers are looked at, in training or not: what is predicted is how likely they are.
      const { logits, targets } = nextTokenLogits(features, { ...context, training: true }, role, maximumAnswerTokens);
      const { sums, tokens } = labelLogProbabilities(logits!, targets!);
      return { logProbabilities: pairs(sums), tokens: pairs(tokens) };
    },
    loss(outputs, { inputs }) {
      const { loss, ...terms } = directPreferenceLoss(
        outputs["logProbabilities"]!,
        inputs["reference"]!["values"]!,
        settings,
      );
      return { loss, terms };
    },
    answers: ({ logProbabilities: sums, tokens }) => ({ logProbabilities: sums!, tokens: tokens! }),
    decode: both,
    truth: (example) => (example[chosen] === null || example[rejected] === null ? null : 1),
    toJson: (answer) => answer,
    async *files(answers) {
      const rows: (string | number)[][] = [["id", "chosen", "rejected"]];
      for await (const { id, answer } of answers) rows.push([id, answer?.chosen ?? "", answer?.rejected ?? ""]);
      yield { name: "predictions.csv", content: formatCsv(rows) };
    },
  };
}

/** Preference tuning in the catalogue of tasks. */
export const preferenceEntry = taskEntry({
  name: "preference",
  summary: "Which of two answers people prefer, learned without a model of rewards.",
  paper: "Rafailov et al. 2023, Direct Preference Optimization",
  settings: preferenceSchema,
  suggest(train: Split) {
    const names = ["prompt", "chosen", "rejected"];
    if (!names.every((name) => ["texts", "dialogues"].includes(train.columns[name]?.kind ?? ""))) return undefined;
    return {
      settings: {},
      columns: ["chosen", "rejected"],
      reason: "of the columns chosen and rejected people prefer the first",
      particularity: 3,
    };
  },
  create: (settings) => preference(settings) as unknown as Task,
});
