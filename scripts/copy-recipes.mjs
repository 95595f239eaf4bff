#!/usr/bin/env node
/**
 * Copies the recipes that the command line needs into its built files, so that they are there when it is installed.
 *
 *     node scripts/copy-recipes.mjs
 */
import { cpSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const repository = dirname(dirname(fileURLToPath(import.meta.url)));
const target = join(repository, "packages/cli/dist/recipes/vision");
mkdirSync(target, { recursive: true });
cpSync(join(repository, "recipes/vision/synthetic-radiographs.yaml"), join(target, "synthetic-radiographs.yaml"));
