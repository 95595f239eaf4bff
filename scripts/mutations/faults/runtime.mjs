/** Faults of programs and their state. */
export default [
  {
    name: "state-overwritten-while-it-is-read",
    file: "runtime/program.ts",
    find: "} else if (!node.outputs.some((output) => before.has(output))) return false;",
    replace: "}",
    tests: ["runtime/program.test.ts"],
    ci: true,
  },
  {
    name: "state-overwritten-by-fused-operators",
    file: "runtime/program.ts",
    find: "if (mayFuse(old, next)) return false;",
    replace: "",
    tests: ["runtime/program.test.ts"],
  },
  {
    name: "buffers-do-not-take-turns",
    file: "runtime/program.ts",
    find: "if (this.#spare.has(write)) this.#spare.set(write, state.get(read)!);",
    replace: "",
    tests: ["runtime/program.test.ts"],
  },
  {
    name: "newest-session-released",
    file: "runtime/session-cache.ts",
    find: "for (const [key, session] of this.#sessions) {",
    replace: "for (const [key, session] of [...this.#sessions].reverse()) {",
    tests: ["runtime/session-cache.node.test.ts"],
  },
];
