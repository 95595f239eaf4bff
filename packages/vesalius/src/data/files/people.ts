import { bareName } from "./names.ts";

/**
 * How a column says who somebody is: by an identifier of persons, by a name, or by something else that leads to a person
 * (date of birth, address). Such columns are never an attribute and never shown.
 */
export type PersonalKind = "identifier" | "name" | "detail";

const PERSON = "(?:patient|paciente|paziente|subject|participant|person|proband|individual|donor|患者|病人|受试者)";
/** Also in the plural and the genitive, and too short to say anything without a word for a key beside it. */
const WITH_KEY = `(?:${PERSON}(?:e?n|s)?|subj|sub|pat|pt|volunteer|member|beneficiary|bene|enrollee|mother|child|infant)`;
const KEY =
  "(?:ids?|ident|identifier|identification|no|nr|num|number|nummer|numero|code|key|uid|uuid|guid|idx|index|ref|hash|pseudonym|barcode|sourcevalue)";
/** Words that say that it does not name anybody directly, which does not change what it is. */
const HIDDEN = "(?:anon|anonymi[sz]ed|deid|deidentified|pseudo|pseudonymi[sz]ed|hashed|encrypted|original|orig|unique)";
const BEFORE = `(?:${HIDDEN}|bcr|global|study|trial|research|hospital|clinical|dicom|meta|data|tags?|header|the)`;
const BETWEEN = `(?:${HIDDEN}|study|trial|research|record|medical|(?:unit|healthsystem)?stay|de|du|del)`;

/** One value a person, whoever wrote the table. */
const IDENTIFIERS = [
  new RegExp(`^${BEFORE}*(?:${PERSON}|subj)${HIDDEN}*$`, "u"),
  new RegExp(`^${BEFORE}*${WITH_KEY}${BETWEEN}*${KEY}+${HIDDEN}*$`, "u"),
  new RegExp(`^${BEFORE}*${KEY}${BETWEEN}*(?:${PERSON}|subj|sub|pat|pt)${HIDDEN}*$`, "u"),
  // Medical record, insurance and national numbers, and what registries and studies call their participants.
  /^(?:mrn|medicalrecord(?:s|no|nr|num|number|id)?|hospital(?:no|nr|num|number)|empi|uhid|nhs(?:no|number)|chinumber|ssn|socialsecurity(?:no|number)?|nationalid|passport(?:no|number)?|insurance(?:no|number|id)|healthcard(?:no|number)|medicare(?:no|number|id)|(?:unique)?pid|eid|u?subjid|rid|casesubmitterid|pseudonym(?:id)?|(?:anon|anonymi[sz]ed|pseudo|pseudonymi[sz]ed|deid|deidentified)(?:id|no|number|code))$/,
];
const NAMES = [
  new RegExp(`^(?:${PERSON}s?)?(?:full|first|last|middle|family|given|maiden|sur|birth)?name$`, "u"),
  /^(?:vorname|nachname|nom|prenom|nombre|apellidos?|cognome|voornaam|achternaam|姓名|患者姓名|initials|(?:patient|subject)s?initials)$/,
];
const DETAILS = [
  new RegExp(`^(?:${PERSON}s?)?(?:dob|dateofbirth|birthdate|birthday|geburtsdatum|naissance)$`, "u"),
  new RegExp(
    `^(?:${PERSON}s?)?(?:home|street|postal|mailing)?(?:address|street|phone|tele?phone|mobile|fax|e?mail)(?:address|number|no)?$`,
    "u",
  ),
  /^(?:zip|zipcode|postcode|postalcode)$/,
  // An examination is one person's.
  /^(?:accession(?:number|no)|(?:study|series|sop)(?:instance)?uid)$/,
  /^(?:referring|attending|performing)?(?:physician|doctor|radiologist|operator|nurse|surgeon)s?name$/,
];

/** A hostile header has names without end; nobody calls a column so. */
const LONGEST_NAME = 100;

/** What names were found to say, so that each step that asks costs a look: a table can have a hundred thousand columns. */
const known = new Map<string, PersonalKind | undefined>();
/** So many names are kept at most. */
const MOST_KNOWN = 200_000;

/**
 * How a column says who somebody is, by its name in any spelling (`PatientID`, `patient_id`, `ID patient`,
 * `metadata.patient.id`); undefined where its name does not say so.
 */
export function personalKind(column: string): PersonalKind | undefined {
  if (column.length > LONGEST_NAME) return undefined;
  if (known.has(column)) return known.get(column);
  if (known.size >= MOST_KNOWN) known.clear();
  const kind = kindOfName(column);
  known.set(column, kind);
  return kind;
}

function kindOfName(column: string): PersonalKind | undefined {
  // The path in nested records: `scan.patient_id` identifies a patient, `drug.name` does not.
  const dot = column.lastIndexOf(".");
  const bare = bareName(column.normalize("NFKD"));
  const last = dot < 0 ? bare : bareName(column.slice(dot + 1).normalize("NFKD"));
  const fits = (name: string, patterns: readonly RegExp[]): boolean => patterns.some((pattern) => pattern.test(name));
  if (fits(bare, IDENTIFIERS) || (last !== bare && fits(last, IDENTIFIERS))) return "identifier";
  if (fits(bare, NAMES)) return "name";
  return fits(bare, DETAILS) ? "detail" : undefined;
}

/** Whether a column says who somebody is, by its name. */
export const namesPeople = (column: string): boolean => personalKind(column) !== undefined;
