import { z } from "zod";

const coding = z.object({ system: z.string().optional(), code: z.string().optional(), display: z.string().optional() });
const concept = z.object({ coding: z.array(coding).optional(), text: z.string().optional() });
const reference = z.object({ reference: z.string().optional() });
const period = z.object({ start: z.string().optional(), end: z.string().optional() });
const quantity = z.object({
  value: z.number().optional(),
  unit: z.string().optional(),
  code: z.string().optional(),
});

const ofPatient = { id: z.string().optional(), encounter: reference.optional() };
const subject = { ...ofPatient, subject: reference };
const patient = { ...ofPatient, patient: reference };

/** A statement that was withdrawn, or that something was not done. */
const status = z.string().optional();

/** The parts of the resources (FHIR R4) that timelines are made of; other keys are not looked at. */
export const resourceSchemas = {
  Patient: z.object({
    id: z.string().optional(),
    birthDate: z.string().optional(),
    gender: z.string().optional(),
    deceasedBoolean: z.boolean().optional(),
    deceasedDateTime: z.string().optional(),
  }),
  Encounter: z.object({
    id: z.string().optional(),
    status,
    subject: reference.optional(),
    class: coding.optional(),
    type: z.array(concept).optional(),
    period: period.optional(),
  }),
  Condition: z.object({
    ...subject,
    verificationStatus: concept.optional(),
    code: concept.optional(),
    onsetDateTime: z.string().optional(),
    onsetPeriod: period.optional(),
    recordedDate: z.string().optional(),
  }),
  Observation: z.object({
    ...subject,
    subject: reference.optional(),
    status,
    code: concept,
    effectiveDateTime: z.string().optional(),
    effectiveInstant: z.string().optional(),
    effectivePeriod: period.optional(),
    issued: z.string().optional(),
    valueQuantity: quantity.optional(),
    valueInteger: z.number().optional(),
    valueCodeableConcept: concept.optional(),
    component: z
      .array(z.object({ code: concept, valueQuantity: quantity.optional(), valueInteger: z.number().optional() }))
      .optional(),
  }),
  MedicationRequest: z.object({
    ...subject,
    status,
    medicationCodeableConcept: concept.optional(),
    medicationReference: reference.optional(),
    authoredOn: z.string().optional(),
  }),
  Procedure: z.object({
    ...subject,
    status,
    code: concept.optional(),
    performedDateTime: z.string().optional(),
    performedPeriod: period.optional(),
  }),
  Immunization: z.object({
    ...patient,
    status,
    vaccineCode: concept,
    occurrenceDateTime: z.string().optional(),
    recorded: z.string().optional(),
  }),
  AllergyIntolerance: z.object({
    ...patient,
    verificationStatus: concept.optional(),
    code: concept.optional(),
    onsetDateTime: z.string().optional(),
    recordedDate: z.string().optional(),
  }),
  DiagnosticReport: z.object({
    ...subject,
    subject: reference.optional(),
    status,
    code: concept,
    effectiveDateTime: z.string().optional(),
    effectivePeriod: period.optional(),
    issued: z.string().optional(),
  }),
} as const;

/** Types of resources that are read. */
export type ResourceType = keyof typeof resourceSchemas;
/** What is read of a resource. */
export type Read<Type extends ResourceType> = z.output<(typeof resourceSchemas)[Type]>;
/** A concept with codes of one or several vocabularies. */
export type Concept = z.output<typeof concept>;

/** Whether a type of resource is read. */
export const isRead = (type: string): type is ResourceType => Object.hasOwn(resourceSchemas, type);
