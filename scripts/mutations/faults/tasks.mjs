/** Faults of tasks: inference, answers, what is measured. */
export default [
  {
    name: "results-in-another-order",
    file: "tasks/inference/one-pass.ts",
    find: "waiting.set(batch.rows[row]!, rowOf(outputs, row))",
    replace: "waiting.set(batch.rows[row]!, rowOf(outputs, batch.size - 1 - row))",
    tests: ["adaptation/adapt.node.test.ts"],
  },
  {
    name: "classes-in-another-order-accepted",
    file: "tasks/columns.ts",
    find: 'if (found.join("\\n") === expected.join("\\n")) return;',
    replace: "if (found.length === expected.length) return;",
    tests: ["adaptation/adapt.node.test.ts"],
  },
  {
    name: "what-is-to-be-predicted-fed-at-prediction",
    file: "tasks/plan.ts",
    find: "part.target === true ? [] : [[name, part] as const]",
    replace: "[[name, part] as const]",
    tests: ["tasks/plan.test.ts"],
  },
  {
    name: "inside-tags-without-a-begin",
    file: "tasks/decoding/tag-sequence.ts",
    find: "best[tag] = isInside(tag) ? -Infinity : scores[tag]!",
    replace: "best[tag] = scores[tag]!",
    tests: ["tasks/decoding/tag-sequence.test.ts"],
  },
  {
    name: "preferences-reversed",
    file: "tasks/preference/preference.ts",
    find: "mean(softplus(multiply(margins, graph.scalar(-sign))))",
    replace: "mean(softplus(multiply(margins, graph.scalar(sign))))",
    tests: ["tasks/preference/preference.node.test.ts"],
  },
];
