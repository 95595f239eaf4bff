export { classificationSections, type ClassificationSectionOptions } from "./classification-sections.ts";
export * from "./document.ts";
export { htmlReport } from "./html-report.ts";
