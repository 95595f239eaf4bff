export {
  addEnergy,
  describeEnergy,
  type Energy,
  type EnergyAssumptions,
  energyAssumptionsSchema,
  energyOf,
  energySchema,
} from "./energy.ts";
