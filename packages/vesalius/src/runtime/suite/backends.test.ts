import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nodeCpu } from "../node-cpu.node.ts";
import { hasChromium } from "./chromium.test.helper.ts";
import type { Outcome } from "./compare.test.helper.ts";
import { cellsOf, type Compatibility, compatibilitySchema } from "./compatibility.test.helper.ts";
import { hostRuns, referenceRuns } from "./operator-runs.test.helper.ts";
import { openSuitePage } from "./suite-page.test.helper.ts";
import { openSuiteProcess } from "./suite-process.test.helper.ts";
import { type SuiteBackend, suiteBackends, type SuiteHost } from "./suite.test.helper.ts";
import { writeTexts } from "./texts.test.helper.ts";
import { trainSmallVit } from "./vit-steps.test.helper.ts";

const table = async (): Promise<Compatibility> => {
  const file = new URL("../../../../../docs/compatibility.json", import.meta.url);
  return compatibilitySchema.parse(JSON.parse(await readFile(file, "utf8")));
};

/** From best to worst. An engine that does better than the table says asks for a new table, not for a repair. */
const ranks: readonly Outcome["status"][] = ["pass", "processor", "refused", "differs"];

const worsening = (what: string, found: Outcome | undefined, stated: Outcome | undefined): string[] =>
  found !== undefined && ranks.indexOf(found.status) > ranks.indexOf(stated?.status ?? "pass")
    ? [`${what}: ${found.status}, the table says ${stated?.status ?? "nothing"}; ${found.reason ?? ""}`]
    : [];

/** A software graphics processor takes its time, above all beside other tests. */
const timeout = 300_000;

/** Random cases of each operator; the table of compatibility was made from more. */
const cases: Readonly<Record<SuiteBackend, number>> = {
  "web-wasm": 4,
  "web-webgpu": 2,
  "node-webgpu": 1,
  "node-cuda": 4,
};

/** Largest difference of a loss, a gradient's norm and a weight from the processor in Node after as many steps. */
const steps = 20;
const tolerance = (backend: SuiteBackend): number => (backend === "web-wasm" ? 1e-3 : 5e-3);

const largest = (found: readonly number[], expected: readonly number[]): number =>
  expected.reduce((most, value, i) => Math.max(most, Math.abs(value - (found[i] ?? NaN))), 0);

const open = (backend: SuiteBackend): Promise<SuiteHost> =>
  backend.startsWith("web") ? openSuitePage(backend) : openSuiteProcess(backend);

/** Why a backend cannot be tested here; undefined where it can. */
async function absence(backend: SuiteBackend): Promise<string | undefined> {
  if (backend.startsWith("web")) return hasChromium ? undefined : "no Chromium";
  try {
    await (await open(backend)).close();
    return undefined;
  } catch {
    return "its provider does not run here";
  }
}

const absent = new Map<SuiteBackend, string | undefined>();
for (const backend of suiteBackends) absent.set(backend, await absence(backend));

describe.each(suiteBackends)("%s", (backend) => {
  const reason = absent.get(backend);
  describe.skipIf(reason !== undefined)(
    reason === undefined ? "as in Node on the processor" : `skipped: ${reason}`,
    () => {
      test("operators and their gradients do at least what the table of compatibility says", { timeout }, async () => {
        const count = cases[backend];
        const reference = await referenceRuns(count);
        const cells = cellsOf(await hostRuns(() => open(backend), { run: count, drawn: count }), reference);
        const { operators } = await table();
        const worse = Object.entries(cells).flatMap(([name, { forward, gradient }]) => {
          const row: Partial<Record<string, (typeof cells)[string]>> = operators[name]!;
          const stated = row[backend];
          return [
            ...worsening(`${name}, output`, forward, stated?.forward),
            ...worsening(`${name}, gradient`, gradient, stated?.gradient),
          ];
        });
        expect(worse).toEqual([]);
      });

      describe("small networks", () => {
        let host: SuiteHost;
        beforeAll(async () => {
          host = await open(backend);
        });
        afterAll(() => host.close());

        test(`a vision transformer trains for ${steps} steps as it does there`, { timeout }, async () => {
          const expected = await trainSmallVit(await nodeCpu(), steps);
          const isolated = backend.startsWith("web") ? true : undefined;
          expect(host.backend).toMatchObject({ name: backend, isolated });
          const found = await host.trainSmallVit(steps);
          expect(found.losses).toHaveLength(steps);
          expect(expected.losses.at(-1)).toBeLessThan(expected.losses[0]! * 0.9);
          expect(largest(found.losses, expected.losses)).toBeLessThan(tolerance(backend));
          expect(largest(found.gradientNorms, expected.gradientNorms)).toBeLessThan(10 * tolerance(backend));
          expect(largest(found.head, expected.head)).toBeLessThan(tolerance(backend));
          expect(host.errors).toEqual([]);
        });

        test("a decoder writes the texts that it writes there, its keys and values kept", { timeout }, async () => {
          const expected = await writeTexts(await nodeCpu());
          expect(await host.writeTexts()).toEqual(expected);
          expect(new Set(expected.flat()).size).toBeGreaterThan(3);
          expect(host.errors).toEqual([]);
        });
      });
    },
  );
});
