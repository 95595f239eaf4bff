/** Faults of recipes and runs. */
export default [
  {
    name: "link-out-of-the-data-followed",
    file: "recipes/data/open-data.node.ts",
    find: "if (!followLinks) await checkLinks(path, folder);",
    replace: "",
    tests: ["recipes/data/open-data.node.test.ts"],
  },
  {
    name: "weights-outside-of-the-run-taken",
    file: "recipes/parse.ts",
    find: "if (outside.length > 0)",
    replace: "if (outside.length > 9)",
    tests: ["recipes/parse.test.ts"],
  },
  {
    name: "alias-bomb-unfolded",
    file: "recipes/document.ts",
    find: "if (sizeOf(named) > mostValues)",
    replace: "if (sizeOf(named) > 1e9)",
    tests: ["recipes/parse.test.ts"],
  },
  {
    name: "lock-of-a-living-process-taken",
    file: "recipes/folder/lock.node.ts",
    find: "return started === undefined || now === undefined || now === started;",
    replace: "return started === undefined && now === undefined;",
    tests: ["recipes/folder/lock.node.test.ts"],
  },
  {
    name: "seed-of-the-caller-ignored",
    file: "recipes/parse.ts",
    find: "{ ...document.value, seed }",
    replace: "document.value",
    tests: ["recipes/parse.test.ts"],
  },
  {
    name: "fold-evaluated-on-what-was-learned",
    file: "recipes/stages/points/fold-parts.ts",
    find: "evaluated: fold.evaluated",
    replace: "evaluated: fold.train",
    tests: ["recipes/cross-validation.node.test.ts"],
  },
  {
    name: "own-network-of-a-method-ignored",
    file: "recipes/stages/run-parts.ts",
    find: "({ ...parts, ...parts.own.get(label) })",
    replace: "({ ...parts })",
    tests: ["recipes/cross-validation.node.test.ts"],
  },
];
