/** Faults of what reports say of trust and cost. */
export default [
  {
    name: "wrapped-energy-counter-subtracts",
    file: "trust/energy/meter.node.ts",
    find: "value >= last ? value - last : value + this.#counters[i]!.range - last",
    replace: "value - last",
    tests: ["trust/energy/meter.node.test.ts"],
  },
  {
    name: "estimate-passed-off-as-measured",
    file: "trust/energy/energy.ts",
    find: 'all.every(({ source }) => source === "measured")',
    replace: 'all.some(({ source }) => source === "measured")',
    tests: ["trust/energy/energy.test.ts"],
    ci: true,
  },
];
