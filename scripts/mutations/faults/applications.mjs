/** Faults of applications. */
export default [
  {
    name: "evidence-against-told-as-evidence-for",
    file: "applications/language/diagnosis/evidence.ts",
    find: "weight: logOdds(probabilities[at]!) - logOdds(other[at]!)",
    replace: "weight: logOdds(other[at]!) - logOdds(probabilities[at]!)",
    tests: ["applications/language/diagnosis/diagnosis.node.test.ts"],
  },
  {
    name: "question-chosen-without-how-probable-its-answer-is",
    file: "applications/language/diagnosis/questions.ts",
    find: "  return across === 0 ? 0.5 : Math.min(1, Math.max(0, along / across));",
    replace: "  return across === 0 ? along : 0.5;",
    tests: ["applications/language/diagnosis/questions.test.ts"],
  },
  {
    name: "denied-finding-taken-for-present",
    file: "applications/language/diagnosis/mentions.ts",
    find: "      const present = !negation.test(",
    replace: "      const present = /^/.test(",
    tests: ["applications/language/diagnosis/mentions.test.ts"],
  },
];
