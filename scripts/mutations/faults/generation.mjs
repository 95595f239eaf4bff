/** Faults of generation: caches, searches, processors. */
export default [
  {
    name: "cache-shifted",
    file: "generation/decoding-state.ts",
    find: "shape: [rows, 1], data: this.#lengths }",
    replace: "shape: [rows, 1], data: this.#lengths.map((length) => length - 1) }",
    tests: ["generation/generate.test.ts"],
    ci: true,
  },
  {
    name: "beams-keep-the-cache-of-others",
    file: "generation/key-value-cache.ts",
    find: "if (Array.from(parents).every((parent, row) => parent === row)) return;",
    replace: "return;",
    tests: ["generation/key-value-cache.test.ts", "generation/beam-search.test.ts"],
  },
  {
    name: "padding-read-as-the-last-token",
    file: "generation/prefill.ts",
    find: "row * length + text.length - 1",
    replace: "row * length + length - 1 - 0 * text.length",
    tests: ["generation/generate.test.ts"],
  },
  {
    name: "sequences-of-a-prompt-alike",
    file: "generation/write-tokens.ts",
    find: 'randomStream(seed, "generation", i, sequence)',
    replace: 'randomStream(seed, "generation", i)',
    tests: ["generation/generate.test.ts"],
  },
  {
    name: "repetition-rewarded",
    file: "generation/processors/repetition-penalty.ts",
    find: "logit < 0 ? logit * penalty : logit / penalty",
    replace: "logit < 0 ? logit / penalty : logit / penalty",
    tests: ["generation/processors/processors.test.ts"],
  },
  {
    name: "length-penalty-ignored",
    file: "generation/beam-hypotheses.ts",
    find: "return logProbability / length ** this.#rules.lengthPenalty;",
    replace: "return logProbability;",
    tests: ["generation/beam-search.test.ts"],
  },
  {
    name: "redirects-to-strangers-followed",
    file: "generation/chat/post-json.ts",
    find: "next === undefined || next.origin !== url.origin",
    replace: "next === undefined",
    tests: ["generation/chat/endpoint.node.test.ts"],
  },
];
