/** Faults of what all folders use. */
export default [
  {
    name: "settings-of-a-catalogue-without-limits",
    file: "common/catalogue.ts",
    find: "settings: bounded(one.settings)",
    replace: "settings: one.settings",
    tests: ["common/limits.test.ts"],
  },
  {
    name: "labels-of-a-random-stream-ignored",
    file: "common/random.ts",
    find: "hashLabels([seed, ...labels])",
    replace: "hashLabels([seed, ...labels.slice(0, 1)])",
    tests: ["data/loaders/batch-order.test.ts", "graph/initialize.test.ts"],
  },
  {
    name: "float16-cut-off-instead-of-rounded",
    file: "common/float16.ts",
    find: "(magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13",
    replace: "(magnitude - 0x38000000) >>> 13",
    tests: ["common/float16.test.ts"],
    ci: true,
  },
  {
    name: "overlapping-tensors-taken",
    file: "common/safetensors.ts",
    find: "if (offsets[0] !== position || offsets[1] !== position + size)",
    replace: "if (offsets[1] - offsets[0] !== size)",
    tests: ["common/safetensors.test.ts"],
  },
  {
    name: "temporary-file-left-behind",
    file: "common/files.node.ts",
    find: "await rm(temporary, { force: true }).catch(() => {});",
    replace: "",
    tests: ["common/files.node.test.ts"],
  },
  {
    name: "ended-process-taken-for-a-running-one",
    file: "common/process.node.ts",
    find: 'if (["Z", "X", "x"].includes(status.state)) return false;',
    replace: "",
    tests: ["recipes/folder/lock.node.test.ts"],
  },
  {
    name: "temporary-file-of-a-living-process-removed",
    file: "common/temporary-files.node.ts",
    find: "if (!(await isRunning(Number(pid)))) return true;",
    replace: "return true;",
    tests: ["common/files.node.test.ts"],
  },
];
