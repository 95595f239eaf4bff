#!/usr/bin/env node
/**
 * Checks the Markdown pages of the repository: every link leads somewhere, and every block of TypeScript compiles
 * against the built library. Run `npm run build` first.
 *
 *     node scripts/check-docs.mjs
 *
 * A block that begins with `// packages/...` is taken as that file, so that its relative imports mean what they say.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, posix, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./regions.mjs";

/** Markdown pages, by path from the root. */
export function pages() {
  const inFolder = (folder) =>
    existsSync(join(root, folder))
      ? readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile() && entry.name.endsWith(".md"))
          .map((entry) => relative(root, join(entry.parentPath, entry.name)))
      : [];
  const top = readdirSync(root).filter((name) => name.endsWith(".md"));
  const packages = readdirSync(join(root, "packages")).map((name) => `packages/${name}/README.md`);
  return [
    ...top,
    ...packages.filter((path) => existsSync(join(root, path))),
    ...inFolder("docs"),
    ...inFolder("recipes"),
  ];
}

const withoutCode = (text) => text.replace(/^```[\s\S]*?^```/gm, "").replace(/`[^`\n]*`/g, "");

/** The anchor that hosts make of a heading. */
export const anchorOf = (heading) =>
  heading
    .toLowerCase()
    .replace(/[`*_]/g, "")
    .replace(/[^\p{L}\p{N}\s-]/gu, "")
    .trim()
    .replace(/\s/g, "-");

/** Anchors of a page. */
export const anchors = (text) =>
  new Set([...text.replace(/^```[\s\S]*?^```/gm, "").matchAll(/^#+ +(.+)$/gm)].map(([, heading]) => anchorOf(heading)));

/**
 * Links that lead nowhere, as `page: link`.
 *
 * @param {string} page path from the root
 * @param {string} text
 */
export function brokenLinks(page, text) {
  const plain = withoutCode(text);
  const links = [
    ...[...plain.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link),
    ...[...plain.matchAll(/(?:src|srcset|href)="([^"]+)"/g)].map(([, link]) => link),
  ];
  return links.flatMap((link) => {
    if (/^(https?|mailto):/.test(link)) return [];
    const [path, anchor] = link.split("#");
    const target = path === "" ? page : posix.normalize(posix.join(posix.dirname(page), path));
    if (target !== page && !existsSync(join(root, target))) return [`${page}: ${link} does not exist`];
    if (anchor === undefined || !target.endsWith(".md")) return [];
    const known = anchors(target === page ? text : readFileSync(join(root, target), "utf8"));
    return known.has(anchor) ? [] : [`${page}: ${link} names no heading`];
  });
}

/** Blocks of TypeScript of a page with the line that they begin at. */
export const typescriptBlocks = (text) =>
  [...text.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map((match) => ({
    code: match[1],
    line: text.slice(0, match.index).split("\n").length + 1,
  }));

/** The source file that a block stands for, where it names one. */
const standsFor = (code) => /^\/\/ (packages\/\S+\.ts)\n/.exec(code)?.[1];

/**
 * Turns the relative imports of a block that stands for a source file into paths to other blocks of the page, or to what
 * the build made of the files.
 */
function resolveImports(code, folder, blocks) {
  const file = standsFor(code);
  if (file === undefined) return code;
  return code.replace(/(from\s+")(\.[^"]+)(")/g, (_whole, before, specifier, after) => {
    const target = posix.join(posix.dirname(file), specifier);
    const built = join(root, target.replace("/src/", "/dist/").replace(/\.ts$/, ".js"));
    return `${before}${blocks.get(target) ?? relative(folder, built)}${after}`;
  });
}

/**
 * Compiles the TypeScript blocks of pages together.
 *
 * @param {Record<string, string>} texts page texts by path
 * @returns {string[]} what the compiler says, by page and line
 */
export function compileBlocks(texts) {
  mkdirSync(join(root, "dist"), { recursive: true });
  const folder = mkdtempSync(join(root, "dist", "docs-"));
  try {
    const starts = {};
    for (const [page, text] of Object.entries(texts)) {
      const found = typescriptBlocks(text).map((block, i) => ({
        ...block,
        name: `${page.replaceAll(/\W/g, "-")}-${i}.ts`,
      }));
      const blocks = new Map(found.map(({ code, name }) => [standsFor(code), `./${name.replace(/ts$/, "js")}`]));
      for (const { code, line, name } of found) {
        starts[name] = { page, line };
        // Every block is a module of its own, whether or not it imports anything.
        writeFileSync(join(folder, name), `${resolveImports(code, folder, blocks)}\nexport {};\n`);
      }
    }
    if (Object.keys(starts).length === 0) return [];
    const config = {
      extends: join(root, "tsconfig.base.json"),
      compilerOptions: { noEmit: true, composite: false, declaration: false, rewriteRelativeImportExtensions: false },
      include: ["*.ts"],
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
    writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
    try {
      execFileSync(
        process.execPath,
        [join(root, "node_modules/typescript/bin/tsc"), "-p", folder, "--pretty", "false"],
        {
          cwd: folder,
          encoding: "utf8",
        },
      );
      return [];
    } catch (error) {
      const lines = String(error.stdout ?? "")
        .split("\n")
        .filter((line) => line.trim() !== "");
      const told = lines.map((line) => {
        const found = /^([^(]+)\((\d+),\d+\): (.*)$/.exec(line);
        const start = found === null ? undefined : starts[found[1]];
        return start === undefined ? line : `${start.page}:${start.line + Number(found[2]) - 1}: ${found[3]}`;
      });
      return told.length > 0 ? told : [String(error)];
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const texts = Object.fromEntries(pages().map((page) => [page, readFileSync(join(root, page), "utf8")]));
  const problems = [
    ...Object.entries(texts).flatMap(([page, text]) => brokenLinks(page, text)),
    ...compileBlocks(texts),
  ];
  for (const problem of problems) console.error(problem);
  const blocks = Object.values(texts).reduce((sum, text) => sum + typescriptBlocks(text).length, 0);
  if (problems.length > 0) process.exitCode = 1;
  else
    console.log(`docs: ${Object.keys(texts).length} pages, ${blocks} blocks of TypeScript, every link leads somewhere`);
}
