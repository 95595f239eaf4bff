import { VesaliusError } from "../../../common/errors.ts";
import type { Tensors } from "../../../graph/index.ts";
import type { GgufHeader } from "./header.ts";
import { GgufMetadata } from "./metadata.ts";
import { gpt2Names, headsInHalves, llamaNames, type Names, networkName } from "./names.ts";

/** A network that a GGUF file describes, and its weights under the network's names. */
export interface GgufNetwork {
  /** Name in the catalogue of architectures. */
  readonly architecture: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** The file's tensors under the names of Hugging Face's checkpoints, which the networks have. */
  readonly weights: Tensors;
}

/** How positions are stretched, by the keys of llama.cpp. */
function rotaryScaling(metadata: GgufMetadata, tensors: Tensors, positions: number): object {
  const kind = metadata.text("rope.scaling.type") ?? "none";
  const factor = metadata.number("rope.scaling.factor") ?? metadata.number("rope.scale_linear") ?? 1;
  const original = metadata.number("rope.scaling.original_context_length") ?? positions;
  const magnitude = metadata.number("rope.scaling.attn_factor") ?? 1;
  metadata.value("rope.scaling.finetuned");
  const factors = tensors.get("rope_freqs.weight");
  if (factors !== undefined) {
    if (kind !== "none" || factor !== 1)
      throw metadata.refuse("rope_freqs.weight", `beside ${kind} scaling it is not implemented`);
    // A divisor for each pair of features, whatever the length: how LLaMA 3's scaling is stored.
    const divisors = Array.from(factors.data as Float32Array);
    const rotary = { kind: "longrope", shortFactors: divisors, longFactors: divisors };
    return { rotaryScaling: { ...rotary, originalPositions: original, attentionFactor: magnitude } };
  }
  if (kind === "none" || (kind === "linear" && factor === 1)) return {};
  if (kind === "linear") return { rotaryScaling: { kind, factor } };
  if (kind !== "yarn") throw metadata.refuse("rope.scaling.type", `${kind} is not implemented`);
  metadata.only("rope.scaling.yarn_ext_factor", 1);
  metadata.only("rope.scaling.yarn_log_multiplier");
  return {
    rotaryScaling: {
      kind,
      factor,
      originalPositions: original,
      attentionFactor: magnitude * (1 + 0.1 * Math.log(factor)),
      betaFast: metadata.number("rope.scaling.yarn_beta_fast") ?? 32,
      betaSlow: metadata.number("rope.scaling.yarn_beta_slow") ?? 1,
    },
  };
}

/** LLaMA and what is built on it; Mistral's files say `llama` too. */
function llamaNetwork(metadata: GgufMetadata, tensors: Tensors): Omit<GgufNetwork, "weights"> {
  const [heads, width] = [metadata.required("attention.head_count"), metadata.required("embedding_length")];
  const keyValueHeads = metadata.number("attention.head_count_kv") ?? heads;
  const headWidth = metadata.number("attention.key_length") ?? width / heads;
  metadata.only("attention.value_length", headWidth);
  const turned = metadata.number("rope.dimension_count") ?? headWidth;
  const positions = metadata.required("context_length");
  const window = metadata.number("attention.sliding_window");
  if (window !== undefined && window > 0 && window < positions)
    throw metadata.refuse(
      "attention.sliding_window",
      "llama.cpp does not apply it to this architecture, the paper does",
    );
  metadata.only("expert_count", 0);
  metadata.only("expert_used_count", 0);
  metadata.only("attention.causal", true);
  metadata.only("use_parallel_residual", false);
  const has = (stem: string): boolean => tensors.has(`blk.0.${stem}`);
  return {
    architecture: "llama",
    config: {
      vocabularySize: tensors.get("token_embd.weight")?.shape[0] ?? metadata.required("vocab_size"),
      width,
      depth: metadata.required("block_count"),
      heads,
      keyValueHeads,
      ...(headWidth * heads === width ? {} : { headWidth }),
      hiddenWidth: metadata.required("feed_forward_length"),
      maximumPositions: positions,
      epsilon: metadata.required("attention.layer_norm_rms_epsilon"),
      rotaryTheta: metadata.number("rope.freq_base") ?? 10000,
      rotaryFraction: turned / headWidth,
      ...rotaryScaling(metadata, tensors, positions),
      attentionBias: has("attn_output.bias") ? "all" : has("attn_q.bias") ? "input" : "none",
      feedForwardBias: has("ffn_up.bias"),
      queryKeyNorm: has("attn_q_norm.weight"),
      tiedOutput: !tensors.has("output.weight"),
    },
  };
}

function gpt2Network(metadata: GgufMetadata, tensors: Tensors): Omit<GgufNetwork, "weights"> {
  const width = metadata.required("embedding_length");
  return {
    architecture: "gpt2",
    config: {
      vocabularySize: tensors.get("token_embd.weight")?.shape[0] ?? metadata.required("vocab_size"),
      contextLength: metadata.required("context_length"),
      width,
      depth: metadata.required("block_count"),
      heads: metadata.required("attention.head_count"),
      hiddenWidth: metadata.number("feed_forward_length") ?? 4 * width,
      epsilon: metadata.required("attention.layer_norm_epsilon"),
      layout: "outIn",
    },
  };
}

interface Family {
  readonly network: (metadata: GgufMetadata, tensors: Tensors) => Omit<GgufNetwork, "weights">;
  readonly names: Names;
  /** Whether the features of a head that turn together stand side by side (`LLAMA_ROPE_TYPE_NORM`). */
  readonly interleaved?: boolean;
}

/** Architectures by the name that files have for them. */
const families: Readonly<Record<string, Family>> = {
  llama: { network: llamaNetwork, names: llamaNames, interleaved: true },
  qwen2: { network: llamaNetwork, names: llamaNames },
  qwen3: { network: llamaNetwork, names: llamaNames },
  gpt2: { network: gpt2Network, names: gpt2Names },
};

/**
 * The network of a GGUF file in this library's words.
 *
 * @param tensors of the file, float32 and lazy
 * @throws VesaliusError `bad-file` for keys that are missing, `bad-configuration` for an architecture or a key that is not
 * implemented, by its name
 */
export function ggufNetwork(header: GgufHeader, tensors: Tensors, where: string): GgufNetwork {
  const metadata = new GgufMetadata(header, where);
  const family = Object.hasOwn(families, metadata.architecture) ? families[metadata.architecture]! : undefined;
  if (family === undefined)
    throw new VesaliusError(
      "bad-configuration",
      `the architecture ${JSON.stringify(metadata.architecture)} is not read`,
      {
        where,
        fix: `use a model of one of ${Object.keys(families).join(", ")}`,
      },
    );
  const network = family.network(metadata, tensors);
  metadata.value("vocab_size");
  metadata.finish();
  const weights: Tensors = new Map();
  // The table a second time, for the engine of llama.cpp.
  const left = new Set(["rope_freqs.weight", ...(network.architecture === "gpt2" ? ["output.weight"] : [])]);
  for (const [name, tensor] of tensors) {
    if (left.has(name)) continue;
    const part = /\.attn_([qk])\.(?:weight|bias)$/.exec(name)?.[1];
    const heads = network.config[part === "q" ? "heads" : "keyValueHeads"] as number;
    const own = part !== undefined && family.interleaved === true ? headsInHalves(tensor, heads) : tensor;
    weights.set(networkName(name, family.names), own);
  }
  return { ...network, weights };
}
