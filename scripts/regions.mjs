/**
 * Marked regions of Markdown pages that a script fills:
 *
 *     <!-- KIND:NAME -->
 *     ...
 *     <!-- /KIND -->
 */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** Root of the repository. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Fills every region of a kind.
 *
 * @param {string} text the page
 * @param {string} kind first part of the mark
 * @param {Record<string, readonly string[]>} regions lines by region name
 * @throws Error for a region that nothing fills, or that does not end
 */
export function fillRegions(text, kind, regions) {
  const mark = new RegExp(`<!-- ${kind}:([\\w-]+) -->\\n([\\s\\S]*?)<!-- /${kind} -->`, "g");
  const opened = text.match(new RegExp(`<!-- ${kind}:`, "g"))?.length ?? 0;
  let filled = 0;
  const result = text.replace(mark, (_whole, name) => {
    filled++;
    const lines = regions[name];
    if (lines === undefined) throw new Error(`nothing fills the region ${kind}:${name}`);
    const content = lines.join("\n").trim();
    return `<!-- ${kind}:${name} -->\n${content}\n<!-- /${kind} -->`;
  });
  if (filled !== opened) throw new Error(`a region ${kind} has no end: write <!-- /${kind} -->`);
  return result;
}

/**
 * Writes pages anew when a script is run, or with `--check` only says which are not current.
 *
 * @param {string} module `import.meta.url` of the script; nothing happens where it is imported
 * @param {Record<string, (text: string) => string | Promise<string>>} pages how each page is filled
 */
export async function runAsProgram(module, pages) {
  if (module !== pathToFileURL(process.argv[1] ?? "").href) return;
  const check = process.argv.includes("--check");
  for (const [path, fill] of Object.entries(pages)) {
    const before = readFileSync(join(root, path), "utf8");
    const after = await fill(before);
    if (before === after) continue;
    if (check) {
      console.error(`${path} is not current; run the script without --check`);
      process.exitCode = 1;
    } else {
      writeFileSync(join(root, path), after);
      console.log(`wrote ${path}`);
    }
  }
}
