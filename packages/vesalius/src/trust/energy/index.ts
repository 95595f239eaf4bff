export {
  addEnergy,
  describeEnergy,
  type Energy,
  type EnergyAssumptions,
  type EnergyAssumptionsInput,
  energyAssumptionsSchema,
  energyOf,
  energySchema,
} from "./energy.ts";
