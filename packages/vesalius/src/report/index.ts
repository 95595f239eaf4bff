export * from "./document.ts";
export { htmlReport } from "./html-report.ts";
export { type Estimate, estimateSchema } from "./estimate.ts";
export { formatCount, formatEstimate, formatNumber, formatPercent } from "./format.ts";
