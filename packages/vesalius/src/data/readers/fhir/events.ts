import type { MedicalCode } from "../../columns/timelines.ts";
import type { Concept, Read, ResourceType } from "./resources.ts";

/** What a resource says of a patient, before its references are followed. */
export interface ResourceEvent {
  /** Reference to the patient. */
  readonly patient: string | undefined;
  /** Reference to the encounter. */
  readonly visit: string | undefined;
  readonly date: string | undefined;
  readonly codes: readonly { readonly code: MedicalCode; readonly value?: number; readonly unit?: string }[];
}

type EventType = Exclude<ResourceType, "Patient">;
type Stated = Omit<ResourceEvent, "patient" | "visit">;

/** A code of each concept: the first coding that has one, else its text. Other codings say the same in other vocabularies. */
function codeOf(category: string, concept: Concept | undefined): MedicalCode[] {
  const coding = concept?.coding?.find(({ code }) => code !== undefined && code !== "");
  const name = coding?.display ?? concept?.text;
  const [system, code] = coding === undefined ? ["text", concept?.text] : [coding.system ?? "", coding.code];
  return code === undefined || code === "" ? [] : [{ category, system, code, ...(name === undefined ? {} : { name }) }];
}

const coded = (category: string, concept: Concept | undefined): Stated["codes"] =>
  codeOf(category, concept).map((code) => ({ code }));

interface Valued {
  readonly valueQuantity?: { readonly value?: number | undefined; readonly unit?: string | undefined } | undefined;
  readonly valueInteger?: number | undefined;
}

function measured(concept: Concept, { valueQuantity, valueInteger }: Valued): Stated["codes"] {
  const value = valueQuantity?.value ?? valueInteger;
  const unit = valueQuantity?.unit;
  return codeOf("observation", concept).map((code) => ({
    code,
    ...(value === undefined || !Number.isFinite(value) ? {} : { value }),
    ...(unit === undefined ? {} : { unit }),
  }));
}

/** An answer of a list (never smoker) is part of what is observed. */
function answered(concept: Concept, answer: Concept): Stated["codes"] {
  const [value] = codeOf("observation", answer);
  return codeOf("observation", concept).map((code) => ({
    code:
      value === undefined
        ? code
        : {
            ...code,
            code: `${code.code}=${value.code}`,
            name: `${code.name ?? code.code}: ${value.name ?? value.code}`,
          },
  }));
}

/** What each type of resource says. */
const rules: { readonly [Type in EventType]: (resource: Read<Type>) => Stated } = {
  Encounter: ({ type, class: kind, period }) => ({
    date: period?.start,
    codes: coded("visit", type?.[0] ?? (kind === undefined ? undefined : { coding: [kind] })),
  }),
  Condition: ({ code, onsetDateTime, onsetPeriod, recordedDate }) => ({
    date: onsetDateTime ?? onsetPeriod?.start ?? recordedDate,
    codes: coded("condition", code),
  }),
  Observation: (resource) => ({
    date: resource.effectiveDateTime ?? resource.effectiveInstant ?? resource.effectivePeriod?.start ?? resource.issued,
    codes: [
      ...(resource.valueCodeableConcept === undefined
        ? measured(resource.code, resource)
        : answered(resource.code, resource.valueCodeableConcept)),
      ...(resource.component ?? []).flatMap((component) => measured(component.code, component)),
    ],
  }),
  MedicationRequest: ({ medicationCodeableConcept, authoredOn }) => ({
    date: authoredOn,
    codes: coded("medication", medicationCodeableConcept),
  }),
  Procedure: ({ code, performedDateTime, performedPeriod }) => ({
    date: performedDateTime ?? performedPeriod?.start,
    codes: coded("procedure", code),
  }),
  Immunization: ({ vaccineCode, occurrenceDateTime, recorded }) => ({
    date: occurrenceDateTime ?? recorded,
    codes: coded("immunization", vaccineCode),
  }),
  AllergyIntolerance: ({ code, onsetDateTime, recordedDate }) => ({
    date: onsetDateTime ?? recordedDate,
    codes: coded("allergy", code),
  }),
  DiagnosticReport: ({ code, effectiveDateTime, effectivePeriod, issued }) => ({
    date: effectiveDateTime ?? effectivePeriod?.start ?? issued,
    codes: coded("report", code),
  }),
};

const withdrawn = new Set(["entered-in-error", "not-done", "cancelled"]);

/** Whether a resource says that it is an error, or that something was not done. */
export function isWithdrawn(resource: object): boolean {
  const { status, verificationStatus } = resource as { status?: unknown; verificationStatus?: Concept };
  if (typeof status === "string" && withdrawn.has(status)) return true;
  return (verificationStatus?.coding ?? []).some(({ code }) => code === "entered-in-error" || code === "refuted");
}

/** The event of a resource. */
export function eventOf<Type extends EventType>(type: Type, resource: Read<Type>): ResourceEvent {
  const { subject, patient, encounter, id } = resource as {
    readonly id?: string;
    readonly subject?: { readonly reference?: string };
    readonly patient?: { readonly reference?: string };
    readonly encounter?: { readonly reference?: string };
  };
  const stated = rules[type](resource);
  return {
    ...stated,
    patient: (subject ?? patient)?.reference,
    visit: type === "Encounter" ? (id === undefined ? undefined : `Encounter/${id}`) : encounter?.reference,
  };
}
