import * as fc from "fast-check";
import { expect, test } from "vitest";
import { personalKind } from "./people.ts";

test.each([
  ["identifier", "patient patient_id PatientID patientid Patient-Id patId pt_no PATIENT_NUMBER id_patient subject"],
  ["identifier", "subject_id SubjID USUBJID participant_id person_id donor donorId individual mrn MRN ssn pid RID"],
  ["identifier", "anon_patient_id patient_id_hashed study_subject_id metadata.patient.id scan.patient_id patient.id"],
  ["identifier", "Patientennummer patienten_id Numéro_patient id_paciente paciente 患者 患者ID medical_record_number"],
  [
    "identifier",
    "bcr_patient_barcode case_submitter_id person_source_value BENE_ID member_id anon_id pseudonym mother_id",
  ],
  ["name", "name patient_name PatientName PatientsName full_name first_name surname Nachname prénom 姓名 initials"],
  ["detail", "dob date_of_birth PatientBirthDate address home_address phone PhoneNumber email zip_code"],
  ["detail", "AccessionNumber StudyInstanceUID referring_physician_name"],
])("%s: %s", (kind, names) => {
  for (const name of names.split(" ")) expect([name, personalKind(name)]).toEqual([name, kind]);
});

test("columns about patients that name nobody are none of these", () => {
  const names =
    "age patient_age patient_sex PatientPosition num_patients patients site hospital hospital_id patient_hospital scanner " +
    "manufacturer study cohort subtype subject_group file file_name filename class_name drug.name gene_name label study_id barcode unique_id original_id hash member children " +
    "batch region birth_year donor_age person_years number_of_patients id row_id image_id index code subclass";
  for (const name of names.split(" ")) expect([name, personalKind(name)]).toEqual([name, undefined]);
});

test("case and separators do not matter, and no name takes long", () => {
  const separator = fc.constantFrom("", "_", "-", " ", ".", "/");
  const words = fc.constantFrom(["patient", "id"], ["subject", "number"], ["medical", "record", "number"]);
  const styles = fc.constantFrom(
    (word: string) => word,
    (word: string) => word.toUpperCase(),
    (word: string) => word[0]!.toUpperCase() + word.slice(1),
  );
  fc.assert(
    fc.property(words, separator, styles, (parts, between, style) => {
      expect(personalKind(parts.map(style).join(between))).toBe("identifier");
    }),
  );
  const started = performance.now();
  for (const word of ["study", "metadata", "anon", "id", "patient", "idno"])
    personalKind(word.repeat(1e5 / word.length));
  personalKind("study".repeat(19) + "x");
  expect(performance.now() - started).toBeLessThan(1000);
});
