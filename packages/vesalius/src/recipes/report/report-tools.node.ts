import { missingDependency } from "../../common/missing-dependency.ts";

/**
 * Checks for the package that a report needs before any time is spent on what it would tell.
 *
 * @throws VesaliusError `missing-dependency` for echarts
 */
export async function requireReportTools(): Promise<void> {
  try {
    await import("echarts/core");
  } catch (cause) {
    throw missingDependency("echarts", "the report needs the package echarts", cause);
  }
}
