/** Faults of recipes and runs. */
export default [
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
    find: 'if (seed !== undefined && isMap(document.contents)) document.set("seed", seed);',
    replace: "",
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
