export { type ApplicationEntry, applicationEntry, type OpenApplication } from "./application.ts";
export type { DiagnosisBasis } from "./language/diagnosis/basis.ts";
export { diagnose, type DiagnosisParts } from "./language/diagnosis/diagnose.ts";
export { fromFindings } from "./language/diagnosis/findings-basis.ts";
export { type FindingsModel, findingsModel, type Known } from "./language/diagnosis/findings-model.ts";
export { fromText } from "./language/diagnosis/text-basis.ts";
export { fromTimeline } from "./language/diagnosis/timeline-basis.ts";
export {
  confidenceThreshold,
  inquire,
  type Inquiry,
  type InquiryOptions,
  type RecordedPatient,
} from "./language/diagnosis/simulated-patients.ts";
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
export { generateReport, type ReportParts } from "./language/report-generation/generate-report.ts";
export { noteSentences } from "./language/report-generation/note-sentences.ts";
export { type ReportRequest, reportRequestSchema, turnsOf } from "./language/report-generation/request.ts";
export { type NoteSentence, type ReportResponse, reportResponseSchema } from "./language/report-generation/response.ts";
export { mtsDialogTemplate } from "./language/report-generation/mts-template.ts";
export { type NoteSection, type NoteTemplate, noteTemplate } from "./language/report-generation/template.ts";
export { chatWriter, modelWriter } from "./language/report-generation/model-writers.ts";
export { type PairJudge, pairJudge } from "./language/report-generation/pair-judge.ts";
export { classifiedSections, type SectionChooser } from "./language/report-generation/sections.ts";
export { type SectionDraft, type SectionWriter, type WrittenSection } from "./language/report-generation/writer.ts";
export { align, type Alignment, type AlignmentOptions, type Flag } from "./language/statements/alignment.ts";
export { type Exchange, exchangesOf, type SourceItem } from "./language/statements/source.ts";
export { educate, type EducationParts } from "./language/education/educate.ts";
export { findByModel } from "./language/education/find-by-model.ts";
export {
  answerOverlap,
  type AnswerFinder,
  checkedQuestions,
  findByWords,
  type PassageQuestion,
} from "./language/education/passage-questions.ts";
export { type Difference, differencesOf } from "./language/education/preserved.ts";
export { type Readability, readabilityOf, syllablesOf } from "./language/education/readability.ts";
export { chatRewriter, lexicalRewriter, type Rewriter } from "./language/education/rewriters.ts";
export {
  type EducationRequest,
  educationRequestSchema,
  type EducationResponse,
  educationResponseSchema,
} from "./language/education/schemas.ts";
export { chatTutor, type ChoiceAnswerer, choiceModel, shuffledProbabilities } from "./language/education/tutor.ts";
