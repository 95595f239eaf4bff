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
];
