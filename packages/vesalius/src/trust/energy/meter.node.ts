import { type Energy, type EnergyAssumptionsInput, energyOf } from "./energy.ts";
import { type EnergyCounter, energyCounters } from "./rapl.node.ts";

/** Measures or estimates the energy of what this process does from now on. */
export interface EnergyMeter {
  /** Energy since the start. */
  read(): Promise<Energy>;
  /** Ends the measurement; `read` then fails to count anything new. */
  stop(): void;
}

/** Counters wrap about once an hour under load, so they are looked at more often than that. */
const secondsBetweenLooks = 60;

/** Sums the steps of wrapping counters. */
class CounterSum {
  #joules = 0;
  #last: number[] = [];
  readonly #counters: readonly EnergyCounter[];

  constructor(counters: readonly EnergyCounter[]) {
    this.#counters = counters;
  }

  #pending: Promise<unknown> = Promise.resolve();

  /** Looks one after another: a reading that overtook a later one would pass for a counter that wrapped. */
  look(): Promise<number> {
    const next = this.#pending.then(() => this.#look());
    this.#pending = next.catch(() => {});
    return next;
  }

  async #look(): Promise<number> {
    const now = await Promise.all(this.#counters.map((counter) => counter.read()));
    now.forEach((value, i) => {
      const last = this.#last[i] ?? value;
      const step = value >= last ? value - last : value + this.#counters[i]!.range - last;
      this.#joules += step / 1e6;
    });
    this.#last = now;
    return this.#joules;
  }
}

/**
 * Starts a meter: RAPL counters where they can be read, otherwise CPU time of this process (all threads) times watts per
 * core.
 *
 * @param options.counters counters to use, for tests
 * @throws VesaliusError `bad-argument` for assumptions out of range, when it is read
 */
export async function energyMeter(
  assumptions: EnergyAssumptionsInput = {},
  options: { readonly counters?: readonly EnergyCounter[] } = {},
): Promise<EnergyMeter> {
  const counters = options.counters ?? (await energyCounters());
  const sum = counters.length === 0 ? undefined : new CounterSum(counters);
  const start = process.cpuUsage();
  await sum?.look();
  const timer = sum && setInterval(() => void sum.look().catch(() => {}), secondsBetweenLooks * 1000);
  timer?.unref();
  return {
    async read() {
      const { user, system } = process.cpuUsage(start);
      return energyOf((user + system) / 1e6, await sum?.look(), assumptions);
    },
    stop: () => clearInterval(timer),
  };
}
