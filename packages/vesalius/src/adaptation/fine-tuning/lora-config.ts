import { z } from "zod";
import { matchesAny } from "../patterns.ts";

/** Settings of low-rank adaptation; names and meaning as in PEFT's `LoraConfig`. */
export const loraSchema = z.strictObject({
  rank: z.int().positive().default(8),
  /** The update is scaled by alpha / rank. Twice the rank by default. */
  alpha: z.number().positive().optional(),
  /**
   * Modules to adapt, linear layers, convolutions or embeddings: a full name, a last part (`qkv`), or a pattern with `*`.
   * Every linear layer of the network's numbered blocks where they are left out, or their convolutions where those have none.
   */
  targets: z.array(z.string().min(1)).min(1).optional(),
  /** Probability of dropping an element of the adapter's input during training. */
  dropout: z.number().min(0).lt(1).default(0),
  /** Scale by alpha / sqrt(rank) instead, so that high ranks learn as fast as low ones (rsLoRA, Kalajdzievski 2023). */
  rankStabilized: z.boolean().default(false),
  /** Learn the magnitude of each weight row beside its direction (DoRA, Liu et al. 2024). */
  dora: z.boolean().default(false),
  /** Which biases of the base are trained beside the factors: none, those of the adapted modules, or all. */
  bias: z.enum(["none", "loraOnly", "all"]).default("none"),
  /** Other ranks for single modules, by pattern. */
  rankPattern: z.record(z.string().min(1), z.int().positive()).default({}),
  /** Other alphas for single modules, by pattern. */
  alphaPattern: z.record(z.string().min(1), z.number().positive()).default({}),
});

/** Settings of low-rank adaptation. */
export type LoraConfig = z.infer<typeof loraSchema>;

const overridden = (module: string, pattern: Readonly<Record<string, number>>): number | undefined =>
  Object.entries(pattern).find(([name]) => matchesAny(module, [name]))?.[1];

/** Rank of a module's factors. */
export const loraRank = ({ rank, rankPattern }: LoraConfig, module: string): number =>
  overridden(module, rankPattern) ?? rank;

/** Alpha where no pattern says otherwise. */
export const loraAlpha = ({ rank, alpha }: LoraConfig): number => alpha ?? 2 * rank;

/** Factor on a module's update: alpha / rank, or alpha / sqrt(rank) where it is rank-stabilized. */
export function loraScaling(config: LoraConfig, module: string): number {
  const rank = loraRank(config, module);
  const alpha = overridden(module, config.alphaPattern) ?? loraAlpha(config);
  return alpha / (config.rankStabilized ? Math.sqrt(rank) : rank);
}
