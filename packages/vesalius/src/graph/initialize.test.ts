import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Graph } from "./graph.ts";
import { initializeParameters } from "./initialize.ts";
import { float32 } from "../common/tensor.ts";
import type { Initializer } from "./value.ts";

/** The drawn elements of one parameter. */
function drawn(initializer: Initializer, shape: readonly number[], seed = 1, name = "w"): Float32Array {
  const graph = new Graph();
  graph.parameter(name, shape, initializer);
  return initializeParameters(graph, seed).get(name)!.data as Float32Array;
}

const mean = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
function deviation(values: Float32Array): number {
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / values.length);
}
const extreme = (values: Float32Array): number => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

describe("initializers", () => {
  test("of fixed values", () => {
    expect([...drawn({ kind: "zeros" }, [3])]).toEqual([0, 0, 0]);
    expect([...drawn({ kind: "ones" }, [3])]).toEqual([1, 1, 1]);
    expect([...drawn({ kind: "constant", value: -2 }, [2])]).toEqual([-2, -2]);
  });

  test("of a tensor copy it", () => {
    const tensor = float32([2], [3, 4]);
    const data = drawn({ kind: "values", tensor }, [2]);
    expect([...data]).toEqual([3, 4]);
    data[0] = 9;
    expect([...(tensor.data as Float32Array)]).toEqual([3, 4]);
  });

  test("normal has the deviation that was asked for", () => {
    const values = drawn({ kind: "normal", standardDeviation: 0.02 }, [200, 200]);
    expect(mean(values)).toBeCloseTo(0, 3);
    expect(deviation(values)).toBeCloseTo(0.02, 3);
    expect(extreme(values)).toBeGreaterThan(0.06);
  });

  test("truncated normal stays within two deviations", () => {
    const values = drawn({ kind: "truncatedNormal", standardDeviation: 0.02 }, [200, 200]);
    expect(extreme(values)).toBeLessThanOrEqual(0.04);
    // A normal distribution cut at two deviations has 0.8796 of its deviation.
    expect(deviation(values) / 0.02).toBeCloseTo(0.8796, 2);
  });

  test("uniform stays within its bound and reaches it", () => {
    const values = drawn({ kind: "uniform", bound: 0.5 }, [100, 100]);
    expect(extreme(values)).toBeLessThanOrEqual(0.5);
    expect(extreme(values)).toBeGreaterThan(0.49);
    expect(mean(values)).toBeCloseTo(0, 2);
  });

  test.each<readonly [string, Initializer, readonly number[], number]>([
    ["linear weight [out, in]", { kind: "xavierUniform" }, [300, 100], Math.sqrt(6 / 400)],
    ["kernel [out, in, 3, 3]", { kind: "xavierUniform" }, [30, 10, 3, 3], Math.sqrt(6 / (9 * 40))],
    ["given fans", { kind: "xavierUniform", fanIn: 10, fanOut: 14 }, [30, 100], 0.5],
    ["linear weight [out, in]", { kind: "kaimingUniform" }, [30, 100], 0.1],
    ["kernel [out, in, 3, 3]", { kind: "kaimingUniform" }, [100, 4, 3, 3], 1 / 6],
    ["given fan", { kind: "kaimingUniform", fanIn: 4 }, [30, 100], 0.5],
  ])("%s: %o is bounded as PyTorch bounds it", (_what, initializer, shape, bound) => {
    const most = extreme(drawn(initializer, shape));
    expect(most).toBeLessThanOrEqual(bound);
    expect(most).toBeGreaterThan(0.95 * bound);
  });
});

describe("streams", () => {
  const initializer: Initializer = { kind: "normal", standardDeviation: 1 };

  test("of one seed and name are the same, of others different", () => {
    fc.assert(
      fc.property(fc.nat(), fc.string({ minLength: 1 }), (seed, name) => {
        expect(drawn(initializer, [8], seed, name)).toEqual(drawn(initializer, [8], seed, name));
        expect(drawn(initializer, [8], seed, name)).not.toEqual(drawn(initializer, [8], seed + 1, name));
        expect(drawn(initializer, [8], seed, name)).not.toEqual(drawn(initializer, [8], seed, `${name}'`));
      }),
    );
  });

  test("do not move when a layer is added", () => {
    const graph = new Graph();
    graph.parameter("before", [5], initializer);
    graph.parameter("w", [5], initializer);
    expect(initializeParameters(graph, 3).get("w")!.data).toEqual(drawn(initializer, [5], 3));
  });

  test("keep the order of the parameters in the graph", () => {
    const graph = new Graph();
    for (const name of ["c", "a", "b"]) graph.parameter(name, [1], initializer);
    expect([...initializeParameters(graph, 0).keys()]).toEqual(["c", "a", "b"]);
  });
});

test("a type that random numbers do not fit is refused by name", () => {
  const graph = new Graph();
  graph.parameter("codes", [2], { kind: "normal", standardDeviation: 1 }, "int64");
  expect(() => initializeParameters(graph, 0)).toThrow(/only float32 parameters.*int64.*\(codes\)/);
});
