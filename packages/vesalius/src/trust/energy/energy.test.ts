import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { VesaliusError } from "../../common/errors.ts";
import { addEnergy, describeEnergy, energyOf, energySchema } from "./energy.ts";

const seconds = fc.double({ min: 0, max: 1e6, noNaN: true });

describe("energyOf", () => {
  it("estimates from busy seconds and watts per core", () => {
    const energy = energyOf(3600, undefined, { wattsPerCore: 20, gramsPerKilowattHour: 500 });
    expect(energy).toMatchObject({ source: "estimated", wattHours: 20, gramsCo2e: 10, cpuSeconds: 3600 });
    expect(energySchema.parse(energy)).toEqual(energy);
  });

  it("counts measured joules and leaves the assumption about cores aside", () => {
    const energy = energyOf(10, 7200, { wattsPerCore: 1000 });
    expect(energy).toMatchObject({ source: "measured", wattHours: 2 });
    expect(energy.gramsCo2e).toBeCloseTo((2 / 1000) * 475, 12);
  });

  it("grows in proportion to the time", () => {
    fc.assert(
      fc.property(seconds, fc.double({ min: 0.1, max: 10, noNaN: true }), (time, factor) => {
        expect(energyOf(time * factor, undefined).wattHours).toBeCloseTo(
          energyOf(time, undefined).wattHours * factor,
          6,
        );
      }),
    );
  });

  it.each([{ wattsPerCore: 0 }, { wattsPerCore: -1 }, { gramsPerKilowattHour: -1 }, { wattsPerCore: NaN }])(
    "refuses %j",
    (assumptions) => {
      expect(() => energyOf(1, undefined, assumptions)).toThrow(VesaliusError);
    },
  );
});

describe("addEnergy", () => {
  it("sums, and calls the sum measured only where everything was", () => {
    const [measured, estimated] = [energyOf(1, 3600), energyOf(300, undefined)];
    expect(addEnergy(measured, measured)).toMatchObject({ source: "measured", wattHours: 2, cpuSeconds: 2 });
    expect(addEnergy(measured, estimated)).toMatchObject({ source: "estimated", wattHours: 2, cpuSeconds: 301 });
  });

  it("does not depend on the order", () => {
    fc.assert(
      fc.property(fc.array(seconds, { minLength: 1, maxLength: 6 }), (times) => {
        const [first, ...others] = times.map((time) => energyOf(time, undefined));
        const [last, ...before] = times.toReversed().map((time) => energyOf(time, undefined));
        expect(addEnergy(first!, ...others).wattHours).toBeCloseTo(addEnergy(last!, ...before).wattHours, 6);
      }),
    );
  });
});

describe("describeEnergy", () => {
  it("says what was assumed", () => {
    expect(describeEnergy(energyOf(1, undefined, { wattsPerCore: 9 }))).toContain(
      "estimated from busy core-seconds at 9 W per core",
    );
    expect(describeEnergy(energyOf(1, 5))).toContain("measured by the processor's energy counters");
    expect(describeEnergy(energyOf(1, 5, { gramsPerKilowattHour: 60 }))).toContain("60 g CO2e per kWh");
  });
});
