import { expect, it } from "vitest";
import { tryKills } from "./kills.mjs";

it("a run that is killed at random comes to the same bytes as one that nobody disturbed", async () => {
  const lines: string[] = [];
  const { passed, failed, killed } = await tryKills(20, 1, (line) => lines.push(line));
  expect(lines.slice(1), "failures").toEqual([]);
  expect({ passed, failed }).toEqual({ passed: 20, failed: 0 });
  // A kill at a late moment can miss; most must have hit, or nothing was shown.
  expect(killed).toBeGreaterThan(10);
}, 400_000);
