import { validate } from "../../../common/check.ts";
import { VesaliusError } from "../../../common/errors.ts";
import { researchUseNotice } from "../../../evaluation/index.ts";
import type { OpenApplication } from "../../application.ts";
import { emergenciesIn } from "../consultation/emergency.ts";
import type { DiagnosisBasis } from "./basis.ts";
import { type DiagnosisRequest, diagnosisRequestSchema, type DiagnosisResponse, type DialogueTurn } from "./schemas.ts";

/** What a diagnosis is made of. */
export interface DiagnosisParts {
  readonly basis: DiagnosisBasis;
  /** Probability of the first condition below which nothing is answered; see `confidenceThreshold`. */
  readonly threshold?: number;
  /** Conditions at most. */
  readonly conditions?: number;
}

const percent = (share: number): string => `${Math.round(100 * share)}%`;

/**
 * Support of a diagnosis: conditions ranked by a trained model, with what speaks for and against each, what to ask next, and
 * no answer below a stated confidence.
 *
 * @example
 * const application = diagnose({ basis: fromFindings(findingsModel(await loadModel("./model"))), threshold: 0.7 });
 * const { conditions, question } = await application.respond({ findings: [{ name: "fever", state: "present" }] });
 */
export function diagnose(parts: DiagnosisParts): OpenApplication<DiagnosisRequest, DiagnosisResponse> {
  const { basis, threshold = 0.5, conditions: most = 5 } = parts;
  return {
    async respond(given) {
      const request = validate(diagnosisRequestSchema, given, { code: "bad-argument", what: "request" });
      const { text = "", findings, timeline } = request;
      const said: DialogueTurn[] = [...request.dialogue, ...(text === "" ? [] : [{ role: "patient" as const, text }])];
      if (said.length === 0 && findings.length === 0 && timeline === undefined)
        throw new VesaliusError("bad-argument", "the request says nothing about a patient", {
          where: "request",
          fix: "give findings, a dialogue or text, or a timeline",
        });
      const { conditions, question, missing, ...assessed } = await basis.assess({ ...request, dialogue: said }, most);
      const probability = conditions[0]?.probability ?? 0;
      const answered = probability >= threshold;
      const what = missing.length === 0 ? "" : ` What would tell most is not known: ${missing.join(", ")}.`;
      return {
        status: answered ? "answered" : "declined",
        basis: basis.kind,
        conditions: [...conditions],
        confidence: { probability, threshold },
        ...(answered
          ? {}
          : {
              reason: `The most probable condition has ${percent(probability)}, below the ${percent(threshold)} that is answered from.${what}`,
            }),
        missing,
        ...(question === undefined ? {} : { question }),
        ...assessed,
        emergencies: said.flatMap(({ role, text: words }) => (role === "patient" ? emergenciesIn(words) : [])),
        dialogue: [
          ...said,
          ...(question === undefined || said.length === 0
            ? []
            : [{ role: "doctor" as const, text: question.text, asks: question.finding }]),
        ],
        notice: researchUseNotice,
      };
    },
    release: () => basis.release(),
  };
}
