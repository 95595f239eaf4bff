import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** One energy counter of a processor package (RAPL through Linux's powercap). */
export interface EnergyCounter {
  /** Microjoules since an arbitrary start; falls back to zero after `range`. */
  read(): Promise<number>;
  readonly range: number;
}

const numberIn = async (path: string): Promise<number> => {
  const value = Number((await readFile(path, "utf8")).trim());
  if (!Number.isFinite(value)) throw new TypeError(`no number in ${path}`);
  return value;
};

/**
 * Counters of the processor packages that this process may read; none on machines without RAPL, in most containers, and
 * where only the administrator may read them.
 *
 * @param root folder of powercap, for tests
 */
export async function energyCounters(root = "/sys/class/powercap"): Promise<EnergyCounter[]> {
  const zones = await readdir(root).catch(() => []);
  const counters: EnergyCounter[] = [];
  // Zones with a second number are parts of a package and already counted in it.
  for (const zone of zones.filter((name) => /^intel-rapl:\d+$/.test(name)).sort()) {
    const read = () => numberIn(join(root, zone, "energy_uj"));
    try {
      await read();
      counters.push({ read, range: await numberIn(join(root, zone, "max_energy_range_uj")) });
    } catch {
      // A counter that cannot be read does not exist for us; the caller then estimates.
      return [];
    }
  }
  return counters;
}
