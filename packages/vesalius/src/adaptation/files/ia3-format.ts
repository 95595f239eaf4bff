import { z } from "zod";
import { type AdapterFormat, parsePeft, plainTargets, savedModules, withoutPrefix } from "./format.ts";

const configSchema = z.object({
  peft_type: z.literal("IA3"),
  target_modules: z.array(z.string().min(1)).min(1),
  feedforward_modules: z.array(z.string().min(1)).nullish(),
  fan_in_fan_out: z.boolean().default(false),
});

const own = /\.ia3_l$/;

/** PEFT's files of (IA)3. */
export const ia3Format: AdapterFormat<"ia3"> = {
  write: (adapter) => {
    const { feedForward, targets: named } = adapter.config;
    // PEFT refuses feed-forward modules that are no targets, so that both are patterns, or both full names.
    return savedModules("IA3", adapter, own, feedForward === undefined ? undefined : named, (modules, targets) => {
      // Factors of inputs are `[1, in]`, those of results `[out, 1]`.
      const onInputs = modules.filter((name) => adapter.weights.get(`${name}.ia3_l`)!.shape[0] === 1);
      const among = feedForward === undefined ? onInputs : plainTargets(feedForward, modules);
      return { feedforward_modules: among.filter((name) => targets.includes(name)), init_ia3_weights: true };
    });
  },
  read: ({ config, tensors }, where) => {
    const keys = parsePeft(configSchema, "(IA)3 that can be read", config, where, ["init_ia3_weights"]);
    return {
      config: { type: "ia3", targets: keys.target_modules, feedForward: keys.feedforward_modules ?? [] },
      weights: withoutPrefix(tensors, where),
      peft: { fan_in_fan_out: keys.fan_in_fan_out },
    };
  },
};
