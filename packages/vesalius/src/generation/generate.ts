import { VesaliusError } from "../common/errors.ts";
import { beamSearch } from "./beam-search.ts";
import type { LanguageModel } from "./language-model.ts";
import { type GenerationOptions, generationSettings } from "./options.ts";
import { type GeneratedSequence, type GeneratedToken, writeTokens } from "./write-tokens.ts";

/** What `generate` gives. */
export interface GenerationResult {
  /** For each prompt its sequences: one, or as many as the search was asked for. */
  readonly sequences: readonly (readonly GeneratedSequence[])[];
}

/**
 * Writes texts that go on from prompts, and yields every token as it is chosen: token by token in turn over the
 * sequences. A reader that stops early ends the work.
 *
 * @param prompts token numbers, lists of any length. Each text is the same as if its prompt stood alone.
 * @returns (as the generator's return value) what `generate` gives
 * @throws VesaliusError `bad-argument` for options and prompts that do not fit the model, and for beam search, whose
 * texts are only known at its end; `interrupted` when the signal is aborted
 *
 * @example
 * for await (const { token } of generateStream(model, [prompt], { maximumNewTokens: 50 }))
 *   write(tokenizer.decode([token]));
 */
export async function* generateStream(
  model: LanguageModel,
  prompts: readonly (readonly number[])[],
  options: GenerationOptions = {},
): AsyncGenerator<GeneratedToken, GenerationResult, undefined> {
  const { signal, ...rest } = options;
  const settings = generationSettings(model, prompts, rest);
  if (settings.search.method === "beam")
    throw new VesaliusError("bad-argument", "beam search cannot be streamed: its texts are only known at the end", {
      where: "search.method",
      fix: "use generate, or the methods greedy or sample",
    });
  return { sequences: yield* writeTokens(model, prompts, settings, signal) };
}

/**
 * Writes texts that go on from prompts, in the manner of transformers' `generate`.
 *
 * @param prompts token numbers, lists of any length. Each text is the same as if its prompt stood alone; rows that were
 * padded for another library go through `withoutPadding` first.
 * @throws VesaliusError `bad-argument` for options and prompts that do not fit the model; `interrupted` when the signal
 * is aborted; `runtime-failure` from the engine
 *
 * @example
 * const { sequences } = await generate(model, [prompt], {
 *   search: { method: "sample", temperature: 0.8, topP: 0.95, sequences: 3 },
 *   maximumNewTokens: 100,
 *   endTokens: [50256],
 *   seed: 7,
 * });
 */
export async function generate(
  model: LanguageModel,
  prompts: readonly (readonly number[])[],
  options: GenerationOptions = {},
): Promise<GenerationResult> {
  const { signal, ...rest } = options;
  const settings = generationSettings(model, prompts, rest);
  const { search, maximumNewTokens } = settings;
  if (search.method === "beam")
    return { sequences: await beamSearch(model, prompts, settings, { ...search, maximumNewTokens }, signal) };
  const tokens = writeTokens(model, prompts, settings, signal);
  for (;;) {
    const { done, value } = await tokens.next();
    if (done === true) return { sequences: value };
  }
}
