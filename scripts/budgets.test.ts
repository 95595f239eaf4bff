import { join } from "node:path";
import { expect, test } from "vitest";
import { checkBudgets, hardDependencies, measureBytes } from "./check-budgets.mjs";
import { root } from "./regions.mjs";

test("the library stays within its budgets of bytes and time", () => {
  const over = checkBudgets().filter(({ failed }) => failed);
  expect(over).toEqual([]);
}, 240_000);

test("bytes are counted: the package with its code, and dependencies of dependencies", () => {
  const bytes = measureBytes();
  expect(bytes["package, installed"]).toBeGreaterThan(bytes["package, packed"]);
  const names = [...hardDependencies(join(root, "packages", "vesalius")).values()];
  expect(names).toContain("zod");
  // Brought in by npyjs.
  expect(names).toContain("cross-fetch");
  // Optional: whoever needs them installs them.
  expect(names).not.toContain("onnxruntime-node");
  expect(names).not.toContain("sharp");
});
