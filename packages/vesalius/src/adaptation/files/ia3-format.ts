import { z } from "zod";
import {
  type AdapterFormat,
  modulesToSave,
  parseKeys,
  peftHead,
  plainTargets,
  withoutPrefix,
  withPrefix,
} from "./format.ts";

const configSchema = z.looseObject({
  peft_type: z.literal("IA3"),
  target_modules: z.array(z.string().min(1)).min(1),
  feedforward_modules: z.array(z.string().min(1)).nullish(),
  fan_in_fan_out: z.boolean().default(false),
});

const own = ".ia3_l";

/** PEFT's files of (IA)3. */
export const ia3Format: AdapterFormat<"ia3"> = {
  write: ({ config, weights, peft = {} }) => {
    const modules = [...weights.keys()].filter((name) => name.endsWith(own)).map((name) => name.slice(0, -own.length));
    const targets = plainTargets(config.targets, modules);
    const saved = modulesToSave([...weights.keys()].filter((name) => !name.endsWith(own)));
    return {
      config: {
        ...peftHead("IA3"),
        target_modules: targets,
        // PEFT refuses feed-forward modules that are no targets.
        feedforward_modules: plainTargets(config.feedForward, modules).filter((name) => targets.includes(name)),
        fan_in_fan_out: false,
        modules_to_save: saved.length === 0 ? null : saved,
        init_ia3_weights: true,
        ...peft,
      },
      tensors: withPrefix(weights),
    };
  },
  read: ({ config, tensors }, where) => {
    const keys = parseKeys(configSchema, "(IA)3 that can be read", config, where);
    return {
      config: { type: "ia3", targets: keys.target_modules, feedForward: keys.feedforward_modules ?? [] },
      weights: withoutPrefix(tensors, where),
      peft: { fan_in_fan_out: keys.fan_in_fan_out },
    };
  },
};
