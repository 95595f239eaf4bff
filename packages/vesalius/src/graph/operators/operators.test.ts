import * as fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { nodeCpu } from "../../runtime/node-cpu.node.ts";
import { registry } from "../registry.ts";
import { operatorEntries } from "../testing/cases/index.test.cases.ts";
import { checkGraph, type Engine } from "../testing/finite-difference.ts";

const thorough = process.env["VESALIUS_THOROUGH"] === "1";
/** The thorough table draws new cases each time; a failure prints the seed that repeats it. */
const parameters = thorough ? { numRuns: 200 } : { numRuns: 25, seed: 20260101 };

let engine: Engine;
beforeAll(async () => {
  engine = await nodeCpu();
});

test("every registered operator is in the table, once", () => {
  const names = operatorEntries.map(({ operator }) => operator);
  expect([...names].sort()).toEqual([...registry.keys()].sort());
});

describe.each(operatorEntries)("$operator", ({ operator, cases, differentiable }) => {
  test(differentiable ? "types are inferred and the gradient is right" : "types are inferred", async () => {
    expect(typeof registry.get(operator)?.gradient === "function").toBe(differentiable);
    await fc.assert(
      fc.asyncProperty(cases, fc.nat(), async (graphCase, seed) => {
        await checkGraph(engine, graphCase, seed, { differentiate: differentiable });
      }),
      parameters,
    );
  });
});
