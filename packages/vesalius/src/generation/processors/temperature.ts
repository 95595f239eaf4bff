import type { LogitsProcessor } from "./processor.ts";

/**
 * Divides logits by a temperature: below 1 the distribution gets sharper, above 1 flatter.
 *
 * @param value more than 0
 */
export const temperature =
  (value: number): LogitsProcessor =>
  (logits) =>
    logits.map((logit) => logit / value);
