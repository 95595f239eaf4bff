#!/usr/bin/env node
/**
 * Writes everything in the documentation that is made from a source. Run `npm run build` first.
 *
 *     node scripts/write-docs.mjs
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { root } from "./regions.mjs";

for (const script of ["recipe-reference", "cli-reference", "model-list", "readme-figures"])
  execFileSync(process.execPath, [join(root, "scripts", `${script}.mjs`)], { stdio: "inherit" });
