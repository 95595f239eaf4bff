import type { z } from "zod";
import type { Condition, DiagnosisResponse, diagnosisRequestSchema } from "./schemas.ts";

/** A request with its defaults. */
export type CheckedRequest = z.output<typeof diagnosisRequestSchema>;

/** What a model says of a patient. */
export interface Assessment extends Pick<DiagnosisResponse, "findings" | "question" | "missing" | "cautions"> {
  readonly conditions: readonly Condition[];
}

/** What a diagnosis rests on: one kind of model with the way from a request to its answer. */
export interface DiagnosisBasis {
  readonly kind: DiagnosisResponse["basis"];
  /**
   * @param most conditions at most
   * @throws VesaliusError `bad-argument` for a request that the model cannot read
   */
  assess(request: CheckedRequest, most: number): Promise<Assessment>;
  release(): Promise<void>;
}
