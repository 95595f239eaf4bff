export * from "./index.ts";
export { type EnergyMeter, energyMeter } from "./meter.node.ts";
export { type EnergyCounter, energyCounters } from "./rapl.node.ts";
