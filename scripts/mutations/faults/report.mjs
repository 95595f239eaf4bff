/** Faults of reports. */
export default [
  {
    name: "interval-dropped",
    file: "report/format.ts",
    find: "if (lower === null || upper === null) return formatNumber(value, decimals);",
    replace: "if (lower !== null || upper === null) return formatNumber(value, decimals);",
    tests: ["report/format.test.ts"],
    ci: true,
  },
  {
    name: "sign-lost",
    file: "report/format.ts",
    find: "? `−${text}` : text;",
    replace: "? text : text;",
    tests: ["report/format.test.ts"],
  },
];
