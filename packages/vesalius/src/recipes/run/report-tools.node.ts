import { VesaliusError } from "../../common/errors.ts";
import type { ResolvedRecipe } from "../resolve.ts";

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
