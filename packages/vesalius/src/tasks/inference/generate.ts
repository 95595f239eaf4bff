import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { encoders, type PreparedConversation, readExamples, type Split } from "../../data/index.ts";
import { generate, generationOptionsSchema, type GeneratedSequence, languageModel } from "../../generation/index.ts";
import type { Tensor } from "../../graph/index.ts";
import type { Result } from "../task.ts";
import type { Inference, InferenceOptions, Runner, RunnerModel } from "./inference.ts";
import { stopIfInterrupted } from "./interruption.ts";

const options = generationOptionsSchema.shape;

/** Settings of writing: how the next token is chosen, and how many are written side by side. */
export const generateSchema = z.strictObject({
  /** How the next token is chosen: `greedy`, `sample` or `beam`, with their settings. */
  search: options.search,
  /** Most tokens to write; as many as the task leaves room for where it is left out. */
  maximumNewTokens: options.maximumNewTokens,
  /** No end before this many tokens. */
  minimumNewTokens: options.minimumNewTokens,
  /** Makes tokens that a text has less likely; 1 does not. */
  repetitionPenalty: options.repetitionPenalty,
  /** No sequence of this many tokens occurs twice in a text. */
  noRepeatNgram: options.noRepeatNgram,
  /** Names the random numbers of sampling. */
  seed: options.seed,
  /** Role whose encoder makes the prompts. */
  role: z.string().default("text"),
  /** Prompts that are answered side by side. */
  batchSize: z.int().positive().max(1024).default(16),
});

/** Settings of writing. */
export type GenerateSettings = z.output<typeof generateSchema>;

/** The network of a model as what goes on with texts. */
const writerOf = ({ backbone, weights, backend, adapted, held }: RunnerModel) =>
  held("writer", () => {
    const definition = backbone.network.decoder?.();
    if (definition === undefined)
      throw new VesaliusError("bad-configuration", `${backbone.network.name} writes no texts`, {
        fix: "choose a decoder or an encoder-decoder, such as gpt2, llama, bart or t5",
      });
    return languageModel(definition, weights, { backend, rewrite: adapted });
  });

const asTensor = (data: Int32Array | Float32Array): Tensor => ({
  dtype: data instanceof Int32Array ? "int32" : "float32",
  shape: [data.length],
  data,
});

/** A written text as outputs of an example. */
const outputsOf = ({ tokens, logProbability, finish }: GeneratedSequence): Readonly<Record<string, Tensor>> => ({
  tokens: asTensor(Int32Array.from(tokens)),
  logProbability: asTensor(Float32Array.of(logProbability)),
  /** 1 where the text was ended, 0 where it had no more room. */
  finished: asTensor(Int32Array.of(finish === "length" ? 0 : 1)),
});

/**
 * Every prompt is gone on with, token by token. Prompts of about one length are answered side by side; each text is the
 * same as if its prompt stood alone.
 *
 * Outputs of a result: `tokens` int32 `[written]`, `logProbability` `[1]`, `finished` `[1]`.
 */
export function generating(settings: GenerateSettings): Inference {
  const { role, batchSize, maximumNewTokens, ...search } = settings;
  return {
    name: "generate",
    async *results(
      runner: Runner,
      split: Split,
      columns: readonly string[],
      { signal, onProgress, onCounts }: InferenceOptions,
    ) {
      const part = runner.plan.parts[role];
      if (part === undefined)
        throw new VesaliusError("bad-configuration", `there is no role ${role} that reads prompts`, {
          where: "task.inference.role",
          fix: `the roles are ${Object.keys(runner.plan.parts).join(", ")}`,
        });
      const encoder = encoders.create(part.encoder);
      const asked = await readExamples(
        split,
        part.columns,
        Array.from({ length: split.length }, (_, row) => row),
      );
      const prompts = asked.map((example, row) => {
        const values = part.columns.map((name) => example[name]);
        if (values.includes(null))
          throw new VesaliusError("bad-data", `an example has no ${part.columns.join(" or no ")}`, {
            where: `split ${split.name}, row ${row}`,
            fix: "complete the data, or leave the example out",
          });
        return encoder.prepare!(values)[0] as PreparedConversation;
      });
      const counts: Record<string, number> = {};
      for (const one of prompts)
        for (const [what, count] of Object.entries(one.counts)) counts[what] = (counts[what] ?? 0) + count;
      onCounts?.({ [role]: counts });
      const model = await writerOf(runner.model);
      const order = prompts
        .map((_, row) => row)
        .sort((a, b) => prompts[a]!.ids.length - prompts[b]!.ids.length || a - b);
      const written = new Map<number, GeneratedSequence>();
      for (let from = 0; from < order.length; from += batchSize) {
        stopIfInterrupted(signal, from, split.length);
        const rows = order.slice(from, from + batchSize);
        const ids = rows.map((row) => Array.from(prompts[row]!.ids));
        const room = model.contextLength - Math.max(...ids.map((prompt) => model.context(prompt).length));
        const { sequences } = await generate(model, ids, {
          ...search,
          maximumNewTokens: Math.max(1, Math.min(room, maximumNewTokens ?? prompts[rows[0]!]!.room)),
          endTokens: [...prompts[rows[0]!]!.ends],
          ...(signal === undefined ? {} : { signal }),
        });
        rows.forEach((row, i) => written.set(row, sequences[i]![0]!));
        onProgress?.(written.size, split.length);
      }
      for (let row = 0; row < split.length; row++) {
        const [example] = await readExamples(split, columns, [row]);
        const result: Result = { id: split.ids[row]!, row, example: example!, outputs: outputsOf(written.get(row)!) };
        yield result;
      }
    },
  };
}
