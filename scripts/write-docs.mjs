#!/usr/bin/env node
/**
 * Writes everything in the documentation that is made from a source. Run `npm run build` first.
 *
 *     node scripts/write-docs.mjs
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { root } from "./regions.mjs";

const scripts = ["recipe-reference", "cli-reference", "model-list", "data-reference", "feed-list", "readme-figures"];
for (const script of scripts)
  execFileSync(process.execPath, [join(root, "scripts", `${script}.mjs`)], { stdio: "inherit" });
