import { add, gelu, type Initializer, multiply, type Value } from "../../graph/index.ts";
import { type AttendTo, type FusedAttentionNames, fusedSelfAttention } from "./attention.ts";
import { layerNormLayer, linearLayer } from "./linear.ts";

export * from "./attention.ts";
export * from "./linear.ts";

/** Element-wise nonlinearity between two linear layers. */
export type Activation = (x: Value) => Value;

/** Options of `mlp`. */
export interface MlpOptions {
  /** Exact GELU by default. */
  readonly activation?: Activation;
  /** Names of the two layers after the perceptron's own, `fc1` and `fc2` by default. */
  readonly names?: readonly [up: string, down: string];
  readonly bias?: boolean;
  readonly layout?: "outIn" | "inOut";
  /** Width of the result; that of the input by default. */
  readonly features?: number;
  /** Start of both weights; `transformerInit` by default. */
  readonly initializer?: Initializer;
  /** Applied between activation and second layer, as dropout is. */
  readonly drop?: (hidden: Value) => Value;
}

/**
 * Two-layer perceptron, in timm's layout `${name}.fc1`, `${name}.fc2` by default.
 *
 * @param x `[..., width]`
 * @returns `[..., features]`
 */
export function mlp(x: Value, name: string, hidden: number, options: MlpOptions = {}): Value {
  const {
    activation = gelu,
    names = ["fc1", "fc2"],
    bias = true,
    layout = "outIn",
    features = x.shape.at(-1)!,
    initializer,
  } = options;
  const layer = { bias, layout, ...(initializer ? { initializer } : {}) };
  const up = linearLayer(x, `${name}.${names[0]}`, hidden, layer);
  const active = activation(up);
  return linearLayer(options.drop?.(active) ?? active, `${name}.${names[1]}`, features, layer);
}

/** Names of the parts of a pre-norm block, after the block's own name. */
export interface PreNormNames {
  readonly norm1: string;
  readonly attention: string;
  readonly norm2: string;
  readonly mlp: string;
  readonly layers: readonly [up: string, down: string];
}

/** timm: `norm1`, `attn`, `norm2`, `mlp.fc1`, `mlp.fc2`. */
export const timmBlockNames: PreNormNames = {
  norm1: "norm1",
  attention: "attn",
  norm2: "norm2",
  mlp: "mlp",
  layers: ["fc1", "fc2"],
};

/** OpenAI's GPT-2 and CLIP: `ln_1`, `attn`, `ln_2`, `mlp.c_fc`, `mlp.c_proj`. */
export const openaiBlockNames: PreNormNames = {
  norm1: "ln_1",
  attention: "attn",
  norm2: "ln_2",
  mlp: "mlp",
  layers: ["c_fc", "c_proj"],
};

/** MONAI: `norm1`, `attn`, `norm2`, `mlp.linear1`, `mlp.linear2`. */
export const monaiTransformerNames: PreNormNames = { ...timmBlockNames, layers: ["linear1", "linear2"] };

/** Options of `preNormBlock`. */
export interface PreNormBlockOptions {
  readonly heads: number;
  readonly mlpRatio: number;
  readonly epsilon: number;
  readonly qkvBias?: boolean;
  /** Added to the attention scores. */
  readonly bias?: Value;
  /** Applied to the scores with their bias; see `fusedSelfAttention`. */
  readonly limit?: ((scores: Value) => Value) | undefined;
  /** What attends in place of a plain self-attention: in windows, with relative positions. */
  readonly attend?: (normed: Value, name: string) => Value;
  /** Added to the result of the perceptron, from the same normalised input: an adapter in parallel. */
  readonly besideMlp?: (normed: Value) => Value;
  /** What stands in place of the plain perceptron. */
  readonly feedForward?: (normed: Value, name: string) => Value;
  /** Biases of every other linear layer and of the normalizations; true by default. */
  readonly biases?: boolean;
  readonly activation?: Activation;
  readonly layout?: "outIn" | "inOut";
  readonly names?: PreNormNames;
  readonly attentionNames?: FusedAttentionNames;
  /** What is attended to in place of the block's own keys and values. */
  readonly attendTo?: AttendTo;
  /** Start of the weights of all linear layers of the block; `transformerInit` by default. */
  readonly initializer?: Initializer;
  /** Applied to attention probabilities and to both branches before they are added, as dropout is; `part` names them. */
  readonly drop?: (x: Value, part: string) => Value;
  /** LayerScale (Touvron et al. 2021): start of `ls1.gamma` and `ls2.gamma`, which multiply the two branches. */
  readonly layerScale?: number;
}

/**
 * Pre-norm transformer block as in ViT: `x + attention(norm1(x))`, then `x + mlp(norm2(x))`.
 *
 * @param x `[batch, tokens, width]`, or any shape that `attend` takes
 */
export const preNormBlock = (x: Value, name: string, options: PreNormBlockOptions): Value =>
  x.graph.block(name, () => preNormParts(x, name, options));

function preNormParts(x: Value, name: string, options: PreNormBlockOptions): Value {
  const width = x.shape.at(-1)!;
  const { heads, epsilon, names = timmBlockNames, layout = "outIn", biases = true } = options;
  const scaled = (branch: Value, part: string): Value =>
    options.layerScale === undefined
      ? branch
      : multiply(
          branch,
          x.graph.parameter(`${name}.${part}.gamma`, [width], { kind: "constant", value: options.layerScale }),
        );
  const drop = options.drop ?? ((y: Value) => y);
  const first = layerNormLayer(x, `${name}.${names.norm1}`, epsilon, { bias: biases });
  const attend = (normed: Value, part: string): Value =>
    fusedSelfAttention(normed, part, heads, {
      layout,
      qkvBias: options.qkvBias ?? biases,
      outputBias: biases,
      ...(options.initializer ? { initializer: options.initializer } : {}),
      ...(options.bias ? { bias: options.bias } : {}),
      ...(options.limit ? { limit: options.limit } : {}),
      ...(options.attentionNames ? { names: options.attentionNames } : {}),
      ...(options.attendTo ? { attendTo: options.attendTo } : {}),
      ...(options.drop ? { drop: (weights: Value) => drop(weights, part) } : {}),
    });
  const attended = (options.attend ?? attend)(first, `${name}.${names.attention}`);
  const middle = add(x, scaled(drop(attended, `${name}.${names.attention}.output`), "ls1"));
  const second = layerNormLayer(middle, `${name}.${names.norm2}`, epsilon, { bias: biases });
  const expand = (normed: Value, part: string): Value =>
    mlp(normed, part, Math.round(width * options.mlpRatio), {
      layout,
      bias: biases,
      names: names.layers,
      ...(options.initializer ? { initializer: options.initializer } : {}),
      ...(options.activation ? { activation: options.activation } : {}),
    });
  const expanded = (options.feedForward ?? expand)(second, `${name}.${names.mlp}`);
  const beside = options.besideMlp === undefined ? middle : add(middle, options.besideMlp(second));
  return add(beside, scaled(drop(expanded, `${name}.${names.mlp}`), "ls2"));
}
