import { type NoteTemplate, noteTemplate } from "./template.ts";

const section = (name: string, title: string, cues: string, instruction?: string): Record<string, unknown> => ({
  name,
  title,
  cues: cues.split(", ").filter((cue) => cue !== ""),
  ...(instruction === undefined ? {} : { instruction }),
});

/**
 * The twenty sections of MTS-Dialog (Ben Abacha et al., EACL 2023) in the order in which notes have them. Cues are what
 * doctors ask about in its training conversations.
 */
export const mtsDialogTemplate: NoteTemplate = noteTemplate({
  name: "mts-dialog",
  otherwise: "GENHX",
  sections: [
    section(
      "CC",
      "Chief complaint",
      "brings you in, what brings you, chief complaint, reason for your visit, here for",
    ),
    section(
      "GENHX",
      "History of present illness",
      "when did it start, how long, getting worse, how are you feeling, symptoms",
    ),
    section(
      "PASTMEDICALHX",
      "Past medical history",
      "medical history, medical conditions, health conditions, medical problems, diagnosed with, diabetes, high blood pressure, asthma, chronic",
    ),
    section(
      "PASTSURGICAL",
      "Past surgical history",
      "surgery, surgeries, surgical, operation, operated, removed, procedure in the past, appendectomy, hysterectomy",
    ),
    section(
      "FAM/SOCHX",
      "Family and social history",
      "smoke, smoking, cigarettes, tobacco, alcohol, drink, drugs, married, children, live with, family history, run in the family, mother, father, sister, brother, for work, retired, do for a living",
    ),
    section(
      "GYNHX",
      "Gynecologic history",
      "pregnant, pregnancy, pregnancies, menstrual, period, periods, menopause, pap smear, birth control",
    ),
    section("ALLERGY", "Allergies", "allergy, allergies, allergic, reaction to"),
    section(
      "MEDICATIONS",
      "Medications",
      "medication, medications, medicine, medicines, milligrams, prescription, taking any, what are you taking, pills, vitamins",
    ),
    section(
      "IMMUNIZATIONS",
      "Immunizations",
      "vaccine, vaccines, vaccination, vaccinated, immunization, immunizations, shots, flu shot",
    ),
    section(
      "ROS",
      "Review of systems",
      "any fever, chills, chest pain, shortness of breath, nausea, vomiting, diarrhea, weight loss, night sweats, blurry vision, palpitations, dizziness",
    ),
    section(
      "EXAM",
      "Physical examination",
      "let me take a look, examine, exam, deep breath, on examination, vital signs, blood pressure is, listen to your",
    ),
    section(
      "LABS",
      "Laboratory results",
      "blood work, lab results, labs, hemoglobin, white count, glucose level, urine test",
    ),
    section("IMAGING", "Imaging", "x-ray, xray, ct scan, cat scan, mri, m r i, ultrasound, scan shows, imaging"),
    section("PROCEDURES", "Procedures", "we will perform, procedure today, biopsy, endoscopy, colonoscopy, catheter"),
    section(
      "EDCOURSE",
      "Emergency department course",
      "emergency department, while you were here, we gave you, in the e r",
    ),
    section("DIAGNOSIS", "Diagnosis", "diagnosis is, you have been diagnosed, diagnose you"),
    section(
      "ASSESSMENT",
      "Assessment",
      "i think you have, it looks like, it seems that, consistent with, my assessment, results show",
    ),
    section(
      "PLAN",
      "Plan",
      "follow up, come back, i will prescribe, i'm going to prescribe, we will start, refer you, i recommend, let's schedule",
    ),
    section("DISPOSITION", "Disposition", "discharge, go home, admit you, released, transfer you, stable condition"),
    section("OTHER_HISTORY", "Other history", ""),
  ],
});
