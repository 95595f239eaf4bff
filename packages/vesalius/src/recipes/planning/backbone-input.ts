import type { RecipeInput } from "../schema.ts";
import type { ChosenNetwork } from "./choose-network.ts";

/** A chosen network as a recipe writes it. */
export function backboneInput({ name, weights, inputs, suggestion }: ChosenNetwork): RecipeInput["backbone"] {
  const { preset, settings, encoders } = suggestion;
  const renamed = Object.fromEntries(Object.entries(inputs).filter(([role, [column]]) => role !== column));
  const columns = Object.keys(renamed).length === 0 ? {} : { inputs: renamed };
  if (weights !== undefined) return { weights, ...columns };
  return {
    name,
    ...(preset === undefined ? {} : { preset }),
    ...settings,
    ...columns,
    ...(encoders === undefined ? {} : { encoders }),
  };
}
