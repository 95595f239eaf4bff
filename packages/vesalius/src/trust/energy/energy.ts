import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";

/** What an estimate of energy assumes. */
export const energyAssumptionsSchema = z.strictObject({
  /** Power of a busy core in watts, where no counter can be read; the default of Green Algorithms for an unknown CPU. */
  wattsPerCore: z.number().positive().default(12),
  /** Carbon intensity of the electricity in grams of CO2 equivalents per kilowatt-hour; the world mean by default. */
  gramsPerKilowattHour: z.number().nonnegative().default(475),
});

/** What an estimate of energy assumes. */
export type EnergyAssumptions = z.output<typeof energyAssumptionsSchema>;
/** What a caller may change of it. */
export type EnergyAssumptionsInput = z.input<typeof energyAssumptionsSchema>;

/** Energy that a piece of work took. */
export const energySchema = z.object({
  /** `measured` by the processor's counters, or `estimated` from the time that its cores were busy. */
  source: z.enum(["measured", "estimated"]),
  wattHours: z.number().nonnegative(),
  /** Grams of CO2 equivalents. */
  gramsCo2e: z.number().nonnegative(),
  /** Busy time of all cores together. */
  cpuSeconds: z.number().nonnegative(),
  assumptions: energyAssumptionsSchema,
});

/** Energy that a piece of work took, and how that is known. */
export type Energy = z.output<typeof energySchema>;

const joulesPerWattHour = 3600;

/**
 * Energy and greenhouse gases of a piece of work: counted where `joules` were measured, otherwise busy core-seconds times
 * watts per core (Lannelongue et al. 2021, Green Algorithms, without memory and cooling).
 *
 * @param cpuSeconds busy time of all cores together
 * @param joules what the processor's counters say; undefined where there are none
 * @throws VesaliusError `bad-argument` for assumptions out of range
 */
export function energyOf(
  cpuSeconds: number,
  joules: number | undefined,
  assumptions: EnergyAssumptionsInput = {},
): Energy {
  const parsed = energyAssumptionsSchema.safeParse(assumptions);
  if (!parsed.success)
    throw new VesaliusError("bad-argument", `energy: ${z.prettifyError(parsed.error)}`, {
      where: "wattsPerCore, gramsPerKilowattHour",
    });
  const settings = parsed.data;
  const wattHours = (joules ?? cpuSeconds * settings.wattsPerCore) / joulesPerWattHour;
  return {
    source: joules === undefined ? "estimated" : "measured",
    wattHours,
    gramsCo2e: (wattHours / 1000) * settings.gramsPerKilowattHour,
    cpuSeconds,
    assumptions: settings,
  };
}

/** Sum of several pieces of work; measured only where all are. The assumptions are those of the first. */
export function addEnergy(first: Energy, ...others: readonly Energy[]): Energy {
  const all = [first, ...others];
  const sum = (key: "wattHours" | "gramsCo2e" | "cpuSeconds") => all.reduce((total, one) => total + one[key], 0);
  return {
    source: all.every(({ source }) => source === "measured") ? "measured" : "estimated",
    wattHours: sum("wattHours"),
    gramsCo2e: sum("gramsCo2e"),
    cpuSeconds: sum("cpuSeconds"),
    assumptions: first.assumptions,
  };
}

/** How the figure came about, for the reader of a report. */
export function describeEnergy({ source, assumptions }: Energy): string {
  const carbon = `${assumptions.gramsPerKilowattHour} g CO2e per kWh assumed`;
  return source === "measured"
    ? `measured by the processor's energy counters, other programs on the machine included; ${carbon}`
    : `estimated from busy core-seconds at ${assumptions.wattsPerCore} W per core, without memory and cooling; ${carbon}`;
}
