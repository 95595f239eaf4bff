import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nodeCpu } from "../node-cpu.node.ts";
import type { WebProvider } from "../onnxruntime-web.ts";
import type { Outcome } from "./compare.test.helper.ts";
import { hasChromium, type OpenPage } from "./chromium.test.helper.ts";
import {
  browserRuns,
  cellsOf,
  type Column,
  type Compatibility,
  compatibilitySchema,
  referenceRuns,
} from "./compatibility.test.helper.ts";
import type { SuitePage } from "./page.test.helper.ts";
import { openSuitePage } from "./suite-page.test.helper.ts";
import { writeTexts } from "./texts.test.helper.ts";
import { type StepRecord, trainSmallVit } from "./vit-steps.test.helper.ts";

declare const suite: SuitePage;

const table = async (): Promise<Compatibility> => {
  const file = new URL("../../../../../docs/compatibility.json", import.meta.url);
  return compatibilitySchema.parse(JSON.parse(await readFile(file, "utf8")));
};

/** From best to worst. An engine that does better than the table says asks for a new table, not for a repair. */
const ranks: readonly Outcome["status"][] = ["pass", "processor", "refused", "differs"];

const worsening = (what: string, found: Outcome | undefined, stated: Outcome | undefined): string[] =>
  found !== undefined && (stated === undefined || ranks.indexOf(found.status) > ranks.indexOf(stated.status))
    ? [`${what}: ${found.status}, the table says ${stated?.status ?? "nothing"}; ${found.reason ?? ""}`]
    : [];

/** A software graphics processor takes its time, above all beside other tests. */
const timeout = 170_000;

/** Largest difference of a loss, a gradient's norm and a weight from Node after as many steps. */
const steps = 20;
const tolerances = { wasm: 1e-3, webgpu: 5e-3 } as const;

const largest = (found: readonly number[], expected: readonly number[]): number =>
  expected.reduce((most, value, i) => Math.max(most, Math.abs(value - (found[i] ?? NaN))), 0);

describe.skipIf(!hasChromium)("in headless Chromium (skipped where /usr/bin/chromium is absent)", () => {
  describe.each<WebProvider>(["wasm", "webgpu"])("%s", (provider) => {
    test("operators and their gradients do at least what the table of compatibility says", { timeout }, async () => {
      const reference = await referenceRuns();
      const cells = cellsOf(await browserRuns(openSuitePage, provider), reference);
      const column: Column = `web-${provider}`;
      const { operators } = await table();
      const worse = Object.entries(cells).flatMap(([name, { forward, gradient }]) => {
        const stated = operators[name]![column];
        return [
          ...worsening(`${name}, output`, forward, stated.forward),
          ...worsening(`${name}, gradient`, gradient, stated.gradient),
        ];
      });
      expect(worse).toEqual([]);
    });

    describe("small networks", () => {
      let opened: OpenPage;
      beforeAll(async () => {
        opened = await openSuitePage();
      });
      afterAll(() => opened.close());

      test(`a vision transformer trains for ${steps} steps as it does in Node`, { timeout }, async () => {
        const expected = await trainSmallVit(await nodeCpu(), steps);
        const { name, isolated } = await opened.page.evaluate((given) => suite.open(given), provider);
        expect({ name, isolated }).toEqual({ name: `web-${provider}`, isolated: true });
        const found: StepRecord = await opened.page.evaluate((count) => suite.trainSmallVit(count), steps);
        expect(found.losses).toHaveLength(steps);
        expect(expected.losses.at(-1)).toBeLessThan(expected.losses[0]! * 0.9);
        expect(largest(found.losses, expected.losses)).toBeLessThan(tolerances[provider]);
        expect(largest(found.gradientNorms, expected.gradientNorms)).toBeLessThan(10 * tolerances[provider]);
        expect(largest(found.head, expected.head)).toBeLessThan(tolerances[provider]);
        expect(opened.errors).toEqual([]);
      });

      test("a decoder writes the texts that it writes in Node, its keys and values kept", { timeout }, async () => {
        const expected = await writeTexts(await nodeCpu());
        await opened.page.evaluate((given) => suite.open(given), provider);
        expect(await opened.page.evaluate(() => suite.writeTexts())).toEqual(expected);
        expect(new Set(expected.flat()).size).toBeGreaterThan(3);
        expect(opened.errors).toEqual([]);
      });
    });
  });
});
