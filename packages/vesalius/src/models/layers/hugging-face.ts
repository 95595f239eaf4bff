import type { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { readPublishedConfig } from "./published-config.ts";

/** Keys that stand in a text, parted by white space. */
export const keysIn = (text: string): readonly string[] => text.trim().split(/\s+/);

/**
 * Keys of transformers' `PretrainedConfig` that decide nothing of a forward pass: where a file comes from, how weights
 * start and are stored, how texts are generated, what a task's classes are called.
 */
const neutralKeys: ReadonlySet<string> = new Set(
  keysIn(`
    _name_or_path architectures model_type transformers_version torch_dtype dtype torchscript use_bfloat16
    tf_legacy_loss use_cache return_dict output_hidden_states output_attentions _attn_implementation
    _attn_implementation_autoset attn_implementation gradient_checkpointing initializer_range
    chunk_size_feed_forward id2label label2id num_labels problem_type finetuning_task task_specific_params
    tokenizer_class prefix bos_token_id eos_token_id pad_token_id sep_token_id mask_token_id cls_token_id
    decoder_start_token_id forced_bos_token_id forced_eos_token_id max_length min_length do_sample
    early_stopping num_beams num_beam_groups diversity_penalty temperature top_k top_p typical_p
    repetition_penalty length_penalty no_repeat_ngram_size encoder_no_repeat_ngram_size bad_words_ids
    suppress_tokens begin_suppress_tokens num_return_sequences output_scores exponential_decay_length_penalty
    remove_invalid_values return_dict_in_generate vesalius
  `),
);

/** Values that leave what a key stands for switched off. */
const isOff = (value: unknown): boolean =>
  value === null ||
  value === undefined ||
  value === false ||
  value === 0 ||
  value === "" ||
  (typeof value === "object" && Object.keys(value).length === 0);

/** What of a `config.json` is known beside what a schema reads. */
export interface HuggingFaceOptions {
  /** What `model_type` may say, where the file has one. */
  readonly types: readonly string[];
  /** Further keys that decide nothing of a forward pass. */
  readonly neutral?: readonly string[];
}

/**
 * Reads a `config.json` of a Hugging Face checkpoint against what a model can build. A key that nobody knows, and that is
 * not switched off, may change what the network computes, so it is refused.
 *
 * @param model name for the message
 * @param schema reads each key that decides something; the keys that it names are known
 * @throws VesaliusError `bad-configuration` for a file of another kind of model, and listing the keys that are missing,
 * unknown or ask for another architecture
 */
export function readHuggingFaceConfig<T extends z.ZodObject>(
  model: string,
  schema: T,
  config: unknown,
  options: HuggingFaceOptions,
): z.infer<T> {
  const what = `this config.json is no ${model}`;
  const fix =
    "use the config.json that came with the checkpoint, of an architecture that the message does not rule out";
  const given = typeof config === "object" && config !== null ? (config as Readonly<Record<string, unknown>>) : {};
  const type = given["model_type"];
  if (type !== undefined && !options.types.some((known) => known === type))
    throw new VesaliusError("bad-configuration", `${what}: its model_type is ${JSON.stringify(type)}`, { fix });
  const unknown = Object.entries(given)
    .filter(([key, value]) => !(key in schema.shape) && !neutralKeys.has(key) && !isOff(value))
    .filter(([key]) => !(options.neutral ?? []).includes(key))
    .map(([key]) => key);
  if (unknown.length > 0)
    throw new VesaliusError(
      "bad-configuration",
      `${what}: it has keys that are not supported: ${unknown.slice(0, 20).join(", ")}`,
      { fix: "use another checkpoint; take a key out of the file only where it changes nothing of the computation" },
    );
  return readPublishedConfig(what, schema, config, fix);
}
