import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { anchorOf, brokenLinks, compileBlocks, pages, typescriptBlocks } from "./check-docs.mjs";
import { fillCommands } from "./cli-reference.mjs";
import { fillData } from "./data-reference.mjs";
import { fillFeeds } from "./feed-list.mjs";
import { fillModels } from "./model-list.mjs";
import { fillFigures } from "./readme-figures.mjs";
import { fillRecipes } from "./recipe-reference.mjs";
import { fillRegions, root } from "./regions.mjs";

const read = (page: string): string => readFileSync(join(root, page), "utf8");

describe("written pages are current", () => {
  test("docs/recipes.md says what the recipe schema says (node scripts/write-docs.mjs)", async () => {
    expect(await fillRecipes(read("docs/recipes.md"))).toBe(read("docs/recipes.md"));
  });

  test("docs/cli.md says what the commands say (node scripts/write-docs.mjs)", async () => {
    expect(await fillCommands(read("docs/cli.md"))).toBe(read("docs/cli.md"));
  });

  test("docs/models.md lists the networks that there are (node scripts/write-docs.mjs)", async () => {
    expect(await fillModels(read("docs/models.md"))).toBe(read("docs/models.md"));
  });

  test("docs/encoders.md lists encoders, transforms, samplers and steps (node scripts/write-docs.mjs)", async () => {
    expect(await fillFeeds(read("docs/encoders.md"))).toBe(read("docs/encoders.md"));
  });

  test("docs/data.md lists readers and kinds of column (node scripts/write-docs.mjs)", async () => {
    expect(await fillData(read("docs/data.md"))).toBe(read("docs/data.md"));
  });

  test.each(["README.md", "docs/benchmarks.md"])(
    "%s shows the committed results (node scripts/write-docs.mjs)",
    (page) => {
      expect(fillFigures(read(page))).toBe(read(page));
    },
  );

  test("README.md states no figure outside the regions that are filled from results", () => {
    const own = read("README.md")
      .replace(/<!-- figures:[\s\S]*?<!-- \/figures -->/g, "")
      .replace(/^```[\s\S]*?^```/gm, "")
      .replaceAll("Node 20.19", "")
      .replaceAll("Apache-2.0", "");
    expect(own.match(/\d+(\.\d+)?\s*%|\d+\.\d+/g)).toBeNull();
  });

  test("every key of the recipe reference has a meaning", () => {
    const rows = read("docs/recipes.md").match(/^\| `[\w.]+` \|.*$/gm) ?? [];
    expect(rows.length).toBeGreaterThan(50);
    expect(rows.filter((row) => /\|\s*\|$/.test(row) && row.split(" | ").length === 4)).toEqual([]);
  });
});

describe("links and code", () => {
  test("every link of every page leads somewhere", () => {
    expect(pages().flatMap((page) => brokenLinks(page, read(page)))).toEqual([]);
  });

  test("every block of TypeScript compiles against the built library", { timeout: 120_000 }, () => {
    const texts = Object.fromEntries(pages().map((page) => [page, read(page)]));
    expect(Object.values(texts).flatMap((text) => typescriptBlocks(text)).length).toBeGreaterThan(10);
    expect(compileBlocks(texts)).toEqual([]);
  });

  test("a block that does not compile is named by page and line", { timeout: 60_000 }, () => {
    const text = '# Page\n\n```ts\nimport { vit } from "vesalius/models";\nvit.gigantic();\n```\n';
    const [problem, ...rest] = compileBlocks({ "docs/page.md": text });
    expect(problem).toMatch(/^docs\/page\.md:5: error TS2339.*gigantic/);
    expect(rest).toEqual([]);
  });

  test("a block that stands for a source file sees its neighbours", { timeout: 60_000 }, () => {
    const block = (line: string) => `\`\`\`ts\n// packages/vesalius/src/graph/operators/new.ts\n${line}\n\`\`\`\n`;
    expect(compileBlocks({ a: block('export { registry } from "../registry.ts";') })).toEqual([]);
    expect(compileBlocks({ a: block('export { registry } from "../nowhere.ts";') })).toHaveLength(1);
  });

  test("links to missing files and headings are found, those in code are not looked at", () => {
    const text =
      "# A page\n\n[one](missing.md) [two](#nothing) [three](#a-page)\n\n```\n[four](gone.md)\n```\n`[five](gone.md)`";
    expect(brokenLinks("docs/page.md", text)).toEqual([
      "docs/page.md: missing.md does not exist",
      "docs/page.md: #nothing names no heading",
    ]);
  });

  test.each([
    ["The run folder", "the-run-folder"],
    ["What works, and what does not", "what-works-and-what-does-not"],
    ["`labelEfficiency`", "labelefficiency"],
  ])("the anchor of %s is %s", (heading, anchor) => expect(anchorOf(heading)).toBe(anchor));
});

describe("regions", () => {
  const page = "before\n<!-- kind:name -->\nold\n<!-- /kind -->\nafter\n";

  test("are replaced, and only they; filling twice changes nothing", () => {
    const filled = fillRegions(page, "kind", { name: ["new", "lines"] });
    expect(filled).toBe("before\n<!-- kind:name -->\nnew\nlines\n<!-- /kind -->\nafter\n");
    expect(fillRegions(filled, "kind", { name: ["new", "lines"] })).toBe(filled);
    expect(fillRegions(page, "other", {})).toBe(page);
  });

  test("that nothing fills or that do not end are errors", () => {
    expect(() => fillRegions(page, "kind", {})).toThrow("nothing fills the region kind:name");
    expect(() => fillRegions("<!-- kind:name -->\n", "kind", { name: [] })).toThrow("has no end");
  });
});
