/** Faults of pretraining. */
export default [
  {
    name: "learning-rate-next-to-nothing",
    file: "pretraining/pretrain.ts",
    find: "policy: decayMatrices(),",
    replace: "policy: decayMatrices(),\n      learningRate: 1e-30,",
    tests: ["pretraining/learning.test.ts"],
  },
  {
    name: "weights-of-the-start-returned",
    file: "pretraining/pretrain.ts",
    find: "[...trained].filter(",
    replace: "[...start].filter(",
    tests: ["pretraining/learning.test.ts"],
  },
  {
    name: "given-weights-ignored",
    file: "pretraining/pretrain.ts",
    find: "...overlap(graph.parameters, backbone.weights)",
    replace: "...overlap(graph.parameters, undefined)",
    tests: ["pretraining/learning.test.ts"],
  },
  {
    name: "what-also-belongs-pushed-apart",
    file: "pretraining/contrastive/contrast.ts",
    find: 'inputs["relevance"]?.["related"]',
    replace: "undefined",
    tests: ["pretraining/contrastive/contrast.node.test.ts"],
  },
];
