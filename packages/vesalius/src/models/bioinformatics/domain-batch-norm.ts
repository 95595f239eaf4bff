import {
  add,
  cast,
  concat,
  divide,
  equal,
  gather,
  matMul,
  maximum,
  multiply,
  reduceSum,
  reshape,
  slice,
  sqrt,
  square,
  subtract,
  type Value,
} from "../../graph/index.ts";
import type { ForwardMode } from "../layers/normalization.ts";

/** Options of `domainBatchNorm`. */
export interface DomainBatchNormOptions extends ForwardMode {
  readonly domains: number;
  /** Whether each domain has a scale and a bias. */
  readonly affine: boolean;
  readonly epsilon: number;
  /** Share of the new statistics in the running ones; 0.1 by default. */
  readonly momentum?: number;
}

/**
 * Batch normalization with statistics for each domain (Chang et al. 2019), as `DomainSpecificBatchNorm1d` of scGPT with
 * buffers `${name}.bns.0.running_mean`, `${name}.bns.0.running_var`, ... `[width]`. The original takes the domain of a
 * batch's first example for all of them; here each has its own, which is the same where they share one. In training mode
 * the statistics of a domain without examples stay as they are.
 *
 * @param x `[batch, length, width]`
 * @param labels domain of each example, int32 or int64 `[batch]`
 */
export function domainBatchNorm(x: Value, labels: Value, name: string, options: DomainBatchNormOptions): Value {
  const { domains, epsilon, momentum = 0.1 } = options;
  const { graph } = x;
  const [batch, length, width] = x.shape as [number, number, number];
  const each = Array.from({ length: domains }, (_, i) => `${name}.bns.${i}`);
  const rows = (part: string, kind: "zeros" | "ones", isBuffer = true): Value =>
    concat(
      each.map((one) => {
        const key = `${one}.${part}`;
        const row = isBuffer ? graph.buffer(key, [width], { kind }) : graph.parameter(key, [width], { kind });
        return reshape(row, [1, width]);
      }),
      0,
    );
  const running = { mean: rows("running_mean", "zeros"), variance: rows("running_var", "ones") };
  const own = (table: Value): Value => reshape(gather(table, labels), [batch, 1, width]);
  let [mean, variance] = [running.mean, running.variance];
  if (options.training) {
    const numbers = graph.constant({
      dtype: "float32",
      shape: [domains, 1],
      data: Float32Array.from({ length: domains }, (_, i) => i),
    });
    /** 1 where an example is of a domain, `[domains, batch]`. */
    const belongs = cast(equal(numbers, reshape(cast(labels, "float32"), [1, batch])), "float32");
    const count = multiply(reduceSum(belongs, [1]), length);
    const some = maximum(count, graph.scalar(1));
    const meanOf = (value: Value): Value =>
      divide(matMul(belongs, reduceSum(value, [1], { keepDimensions: false })), some);
    mean = meanOf(x);
    variance = meanOf(square(subtract(x, own(mean))));
    // PyTorch keeps the unbiased variance.
    const unbiased = divide(multiply(variance, count), maximum(subtract(count, 1), graph.scalar(1)));
    const present = multiply(cast(equal(count, some), "float32"), momentum);
    const moved = (before: Value, now: Value): Value => add(before, multiply(subtract(now, before), present));
    const next = { running_mean: moved(running.mean, mean), running_var: moved(running.variance, unbiased) };
    for (const [part, table] of Object.entries(next))
      each.forEach((one, i) =>
        graph.outputs.set(
          `${graph.buffer(`${one}.${part}`, [width], { kind: "zeros" }).name}.next`,
          reshape(slice(table, 0, i, i + 1), [width]),
        ),
      );
  }
  const normed = divide(subtract(x, own(mean)), sqrt(add(own(variance), epsilon)));
  if (!options.affine) return normed;
  return add(multiply(normed, own(rows("weight", "ones", false))), own(rows("bias", "zeros", false)));
}
