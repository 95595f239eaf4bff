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
    find: "const present = !denied.some(",
    replace: "const present = !denied.every(",
    tests: ["applications/language/diagnosis/mentions.test.ts"],
  },
  {
    name: "another-unit-taken-for-the-same",
    file: "applications/language/education/preserved.ts",
    find: "return same!.unit === one.unit ? []",
    replace: "return same!.unit !== undefined ? []",
    tests: ["applications/language/education/preserved.test.ts"],
  },
  {
    name: "probabilities-left-in-the-shuffled-order",
    file: "applications/language/education/tutor.ts",
    find: "sums[at]! += found[place]! / orders",
    replace: "sums[place]! += found[place]! / orders",
    tests: ["applications/language/education/education.node.test.ts"],
  },
];
