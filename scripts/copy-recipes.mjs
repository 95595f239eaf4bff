#!/usr/bin/env node
/**
 * Copies the recipes that the command line needs into its built files, so that they are there when it is installed: the one
 * that runs where none is named, and those that surveyed methods start from.
 *
 *     node scripts/copy-recipes.mjs
 */
import { cpSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const repository = dirname(dirname(fileURLToPath(import.meta.url)));
const target = join(repository, "packages/cli/dist/recipes");
rmSync(target, { recursive: true, force: true });
cpSync(join(repository, "recipes"), target, { recursive: true, filter: (path) => !path.endsWith(".json") });
