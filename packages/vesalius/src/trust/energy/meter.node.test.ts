import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { energyMeter } from "./meter.node.ts";
import { type EnergyCounter, energyCounters } from "./rapl.node.ts";

/** A counter that shows a list of values in turn and stays at the last. */
function counter(range: number, ...values: number[]): EnergyCounter {
  let i = 0;
  return { range, read: () => Promise.resolve(values[Math.min(i++, values.length - 1)]!) };
}

/** Keeps a core busy for so long, not counting the time in which others have it. */
function spin(milliseconds: number): void {
  const start = process.cpuUsage();
  while (process.cpuUsage(start).user < 1000 * milliseconds) Math.sqrt(milliseconds);
}

describe("energyMeter", () => {
  it("sums the packages' counters", async () => {
    const meter = await energyMeter({}, { counters: [counter(1e9, 0, 3_600_000_000), counter(1e9, 5, 3_600_000_005)] });
    expect(await meter.read()).toMatchObject({ source: "measured", wattHours: 2 });
    meter.stop();
  });

  it("goes on over a counter that wraps", async () => {
    const meter = await energyMeter({}, { counters: [counter(1_000_000, 900_000, 100_000, 300_000)] });
    expect((await meter.read()).wattHours).toBeCloseTo(0.2 / 3600, 12);
    expect((await meter.read()).wattHours).toBeCloseTo(0.4 / 3600, 12);
    meter.stop();
  });

  it("is not misled by readings that overlap", async () => {
    let now = 0;
    const slow: EnergyCounter = {
      range: 1e12,
      read: () => {
        now += 1_000_000;
        const value = now;
        return new Promise((resolve) => setTimeout(() => resolve(value), value === 2_000_000 ? 20 : 1));
      },
    };
    const meter = await energyMeter({}, { counters: [slow] });
    const [first, second] = await Promise.all([meter.read(), meter.read()]);
    expect(first.wattHours).toBeCloseTo(1 / 3600, 12);
    expect(second.wattHours).toBeCloseTo(2 / 3600, 12);
    meter.stop();
  });

  it("estimates from the process's own busy time where there are no counters", async () => {
    const meter = await energyMeter({ wattsPerCore: 36 }, { counters: [] });
    spin(60);
    const energy = await meter.read();
    meter.stop();
    expect(energy.source).toBe("estimated");
    expect(energy.cpuSeconds).toBeGreaterThan(0.01);
    expect(energy.wattHours).toBeCloseTo((energy.cpuSeconds * 36) / 3600, 12);
  });
});

describe("energyCounters", () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "vesalius-powercap-"));
  });
  afterEach(() => rm(root, { recursive: true }));
  const zone = async (name: string, energy: string, range = "262143328850\n"): Promise<void> => {
    await mkdir(join(root, name));
    await writeFile(join(root, name, "energy_uj"), energy);
    await writeFile(join(root, name, "max_energy_range_uj"), range);
  };

  it("finds the packages and leaves out their parts", async () => {
    await zone("intel-rapl:0", "1200\n");
    await zone("intel-rapl:0:0", "700\n");
    await zone("intel-rapl:1", "30\n");
    const counters = await energyCounters(root);
    expect(await Promise.all(counters.map((one) => one.read()))).toEqual([1200, 30]);
    expect(counters.map(({ range }) => range)).toEqual([262143328850, 262143328850]);
  });

  it("finds none where a counter cannot be read or the machine has none", async () => {
    await zone("intel-rapl:0", "1200\n");
    await mkdir(join(root, "intel-rapl:1"));
    expect(await energyCounters(root)).toEqual([]);
    expect(await energyCounters(join(root, "missing"))).toEqual([]);
    expect(await energyCounters(root)).toEqual([]);
  });

  it("finds none where a counter holds no number", async () => {
    await zone("intel-rapl:0", "none\n");
    expect(await energyCounters(root)).toEqual([]);
  });
});
