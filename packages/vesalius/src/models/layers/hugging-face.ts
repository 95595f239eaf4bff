import type { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { keysIn, readPublishedConfig } from "./published-config.ts";

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

/** What of a `config.json` is known beside what a schema reads. */
export interface HuggingFaceOptions {
  /** What `model_type` may say, where the file has one. */
  readonly types: readonly string[];
  /** What the names of the classes in `architectures` begin with: `Bert` of `BertForMaskedLM`. */
  readonly classes: readonly string[];
  /** Further keys that decide nothing of a forward pass. */
  readonly neutral?: readonly string[];
}

/** How the names of transformers' classes go on after that of the model. */
const classEndings = "Model|PreTrainedModel|PreTraining|Encoder|Decoder|For[A-Z]|LMHead|WithLMHead|DoubleHeads";

/** The first class of `architectures` that is none of a model's own. */
function foreignClass(architectures: unknown, classes: readonly string[]): unknown {
  if (architectures === null || architectures === undefined) return undefined;
  const own = new RegExp(`^(?:TF|Flax)?(?:${classes.join("|")})(?:${classEndings})`);
  return [architectures].flat().find((name) => typeof name !== "string" || !own.test(name));
}

/**
 * Reads a `config.json` of a Hugging Face checkpoint against what a model can build; see `readPublishedConfig`.
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
  const foreign = foreignClass(given["architectures"], options.classes);
  if (foreign !== undefined)
    throw new VesaliusError("bad-configuration", `${what}: its architectures are ${JSON.stringify(foreign)}`, { fix });
  return readPublishedConfig(what, schema, config, { fix, neutral: [...neutralKeys, ...(options.neutral ?? [])] });
}
