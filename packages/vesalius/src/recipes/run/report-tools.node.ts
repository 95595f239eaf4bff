import { createRequire } from "node:module";
import { VesaliusError } from "../../common/errors.ts";
import type { ResolvedRecipe } from "../resolve.ts";

const require = createRequire(import.meta.url);

/** Version of an optional package as it is installed here; undefined where it is not. */
export function installedVersion(name: string): string | undefined {
  try {
    return (require(`${name}/package.json`) as { version: string }).version;
  } catch {
    return undefined;
  }
}

/**
 * Checks for the packages that a report needs before any time is spent on what it would tell.
 *
 * @throws VesaliusError `missing-dependency` for echarts, and for sharp where pictures are asked for
 */
export async function requireReportTools({ evaluation, pretraining }: ResolvedRecipe): Promise<void> {
  const needed = ["echarts", ...(pretraining !== undefined && evaluation.reconstructions > 0 ? ["sharp"] : [])];
  for (const name of needed) {
    try {
      await import(name === "echarts" ? "echarts/core" : name);
    } catch (cause) {
      throw new VesaliusError("missing-dependency", `the report needs the package ${name}, which is not installed`, {
        where: name,
        fix: `npm install ${name}`,
        cause,
      });
    }
  }
}
