/** Faults of adaptation: starting weights, what is trained, adapters. */
export default [
  {
    name: "pretrained-weights-ignored",
    file: "adaptation/starting-weights.ts",
    find: "return new Map([...fresh, ...loaded]);",
    replace: "return new Map([...loaded, ...fresh]);",
    tests: ["adaptation/frozen.node.test.ts"],
  },
  {
    name: "frozen-parameter-trained",
    file: "adaptation/adapt-network.ts",
    find: "isNew(parameter.name) ? decay(parameter) : method.policy(parameter, network)",
    replace: "decay(parameter)",
    tests: ["adaptation/frozen.node.test.ts"],
  },
  {
    name: "head-not-trained",
    file: "adaptation/adapt-network.ts",
    find: "isNew(parameter.name) ? decay(parameter) : method.policy(parameter, network)",
    replace: "isNew(parameter.name) ? undefined : method.policy(parameter, network)",
    tests: ["adaptation/frozen.node.test.ts"],
  },
  {
    name: "learning-rate-next-to-nothing",
    file: "adaptation/adapt-network.ts",
    find: "...trainOptions(settings, { ...options, backend }, batches.stepsPerEpoch),",
    replace: "...trainOptions({ ...settings, learningRate: 1e-30 }, { ...options, backend }, batches.stepsPerEpoch),",
    tests: ["adaptation/learning.test.ts"],
  },
  {
    name: "adapter-not-trained",
    file: "adaptation/attach.ts",
    find: "own.has(parameter.name) ? {} : undefined",
    replace: "undefined",
    tests: ["adaptation/methods.test.ts"],
  },
  {
    name: "adapter-not-merged",
    file: "adaptation/attach.ts",
    find: "merged.get(name) ?? trained.get(name)!",
    replace: "trained.get(name)!",
    tests: ["adaptation/methods.test.ts"],
  },
  {
    name: "scale-of-lora-dropped",
    file: "adaptation/fine-tuning/lora-update.ts",
    find: "alpha: float(scaling)",
    replace: "alpha: float(scaling === 0 ? 0 : 1)",
    tests: ["adaptation/fine-tuning/lora.test.ts"],
  },
  {
    name: "standardisation-of-a-probe-not-folded-in",
    file: "adaptation/adapters/adapt-probe.ts",
    find: "const plain = foldScale(trained.get(weight.name)!, trained.get(bias!.name)!, scale!);",
    replace: "const plain = { weight: trained.get(weight.name)!, bias: trained.get(bias!.name)! };",
    tests: ["adaptation/learning.test.ts"],
  },
];
