/** Faults of networks and checkpoints. */
export default [
  {
    name: "imported-constants-computed-without-limits",
    file: "models/checkpoints/bounded-import-engine.node.ts",
    find: "if (failures >= mostFailures)",
    replace: "if (failures >= 1000)",
    tests: ["models/checkpoints/bounded-import-engine.node.test.ts"],
  },
  {
    name: "missing-key-taken-in-silence",
    file: "models/state-dictionary.ts",
    find: "if (!(options.mayMiss?.(name) ?? false)) missing.push(name);",
    replace: "if (options.mayMiss === undefined) missing.push(name);",
    tests: ["models/state-dictionary.test.ts", "adaptation/saved-model.node.test.ts"],
    ci: true,
  },
  {
    name: "unexpected-key-taken-in-silence",
    file: "models/state-dictionary.ts",
    find: "(name) => !names.has(name) && !mayBeLeft(name)",
    replace: "(name) => !names.has(name) && !mayBeLeft(name) && options.mayBeLeft !== undefined",
    tests: ["models/state-dictionary.test.ts"],
  },
  {
    name: "shard-of-another-checkpoint-taken",
    file: "models/checkpoints/hugging-face-folder.node.ts",
    find: "if (missing.length + extra.length === 0) return;",
    replace: "return;",
    tests: ["models/checkpoints/hugging-face-folder.node.test.ts"],
  },
  {
    name: "attention-not-scaled",
    file: "models/layers/attention.ts",
    find: "scale = query.shape.at(-1)! ** -0.5,",
    replace: "scale = 1,",
    tests: ["models/language/bert.test.ts"],
  },
  {
    name: "attention-bias-and-mask-ignored",
    file: "models/layers/attention.ts",
    find: "softmax(limit(bias === undefined ? scores : add(scores, bias)))",
    replace: "softmax(bias === undefined ? scores : add(scores, multiply(bias, 0)))",
    tests: ["models/language/bert.test.ts"],
  },
  {
    name: "loss-of-masked-images-over-all-patches",
    file: "models/vision/mae.ts",
    find: "multiply(perPatch, mask)",
    replace: "multiply(perPatch, 1)",
    tests: ["models/vision/mae.test.ts"],
  },
];
