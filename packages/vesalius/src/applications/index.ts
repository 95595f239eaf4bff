export { type ApplicationEntry, applicationEntry, type OpenApplication } from "./application.ts";
export type { DiagnosisBasis } from "./language/diagnosis/basis.ts";
export { diagnose, type DiagnosisParts } from "./language/diagnosis/diagnose.ts";
export { fromFindings } from "./language/diagnosis/findings-basis.ts";
export { type FindingsModel, findingsModel, type Known } from "./language/diagnosis/findings-model.ts";
export { fromText } from "./language/diagnosis/text-basis.ts";
export { fromTimeline } from "./language/diagnosis/timeline-basis.ts";
export { type PossibleQuestion, rankQuestions } from "./language/diagnosis/questions.ts";
export {
  type DiagnosisRequest,
  diagnosisRequestSchema,
  type DiagnosisResponse,
  diagnosisResponseSchema,
} from "./language/diagnosis/schemas.ts";
export {
  consult,
  type ConsultationParts,
  type ConsultationRequest,
  consultationRequestSchema,
  type ConsultationResponse,
  consultationResponseSchema,
  type PassageRanker,
} from "./language/consultation/consult.ts";
export { emergenciesIn, type EmergencyNotice } from "./language/consultation/emergency.ts";
export { encoderRanker } from "./language/consultation/encoder-ranker.ts";
export { type Passage, type SourceDocument } from "./language/consultation/passage.ts";
export { type FoundPassage, PassageIndex } from "./language/consultation/passage-index.ts";
export { chooseQuotes, type Quote } from "./language/consultation/quotes.ts";
export {
  type AnsweredQuestion,
  defaultSupport,
  fitSupport,
  type SupportModel,
  supportOf,
} from "./language/consultation/support.ts";
export { type DocumentFields, documentsOf, questionsOf } from "./language/consultation/documents-of-dataset.ts";
