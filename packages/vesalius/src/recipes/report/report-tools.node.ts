import { VesaliusError } from "../../common/errors.ts";

/**
 * Checks for the package that a report needs before any time is spent on what it would tell.
 *
 * @throws VesaliusError `missing-dependency` for echarts
 */
export async function requireReportTools(): Promise<void> {
  try {
    await import("echarts/core");
  } catch (cause) {
    throw new VesaliusError("missing-dependency", "the report needs the package echarts, which is not installed", {
      where: "echarts",
      fix: "npm install echarts",
      cause,
    });
  }
}
