import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as browser from "./index.ts";
import * as node from "./index.node.ts";

/** Everything that a module imports, through all its own modules; types vanish when compiled and do not count. */
function reach(entry: URL, seen = new Map<string, string[]>()): Map<string, string[]> {
  if (seen.has(entry.href)) return seen;
  const source = readFileSync(entry, "utf8");
  const imports = [...source.matchAll(/^(?:import|export) (?!type\b)[^;]*?from "([^"]+)"/gm)].map((match) => match[1]!);
  seen.set(entry.href, imports);
  for (const specifier of imports) if (specifier.startsWith(".")) reach(new URL(specifier, entry), seen);
  return seen;
}

describe("the browser entry", () => {
  it("reaches nothing that needs Node", () => {
    const modules = reach(new URL("./index.ts", import.meta.url));
    expect(modules.size).toBeGreaterThan(20);
    for (const [module, imports] of modules) {
      expect(module).not.toMatch(/\.node\.ts$/);
      expect(imports.filter((specifier) => /^node:|^sharp$|^csv-parse/.test(specifier))).toEqual([]);
    }
  });
});

describe("the Node entry", () => {
  it("has every export of the browser entry, with batches made on threads in their place", () => {
    expect(Object.keys(node)).toEqual(expect.arrayContaining(Object.keys(browser)));
    expect(node.takeRows).toBe(browser.takeRows);
    expect(node.batches).not.toBe(browser.batches);
  });
});
