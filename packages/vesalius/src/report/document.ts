import type { ReportSection } from "./sections/index.ts";

/** A report before it is written. */
export interface ReportDocument {
  readonly title: string;
  readonly subtitle?: string;
  /** Added to the research-use notice that every report carries. */
  readonly notice?: string;
  readonly sections: readonly ReportSection[];
}

/** The sentence that every report carries. */
export const researchUseNotice =
  "Research use only: outputs are not medical advice and this software is not a medical device.";
