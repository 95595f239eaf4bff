/** A kind of identifier with what shows it; a group called `kept` stays in front of what is taken out. */
interface Rule {
  /** What stands in place of it: `[DATE]`. */
  readonly label: string;
  readonly pattern: RegExp;
}

const months =
  "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)";
const name = String.raw`\p{Lu}[\p{L}'’-]+`;
const names = String.raw`(?:${name}|\p{Lu}\.)(?:[ ]+(?:(?:van|von|de|da|di|del|der|la|le)[ ]+)*(?:${name}|\p{Lu}\.))*`;

/** In the order in which they are looked for: what is longer and plainer first. */
const rules: readonly Rule[] = [
  { label: "EMAIL", pattern: /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/gu },
  { label: "URL", pattern: /\b(?:https?:\/\/|www\.)[^\s<>"')]+/giu },
  { label: "IP", pattern: /\b(?:\d{1,3}\.){3}\d{1,3}\b/gu },
  // Numbers that are said to be somebody's: records, accounts, insurance, licences, devices, beds.
  {
    label: "ID",
    pattern:
      /(?<kept>\b(?:mrn|ssn|nhs|(?:medical record|record|chart|account|acct|policy|insurance|member|beneficiary|social security|passport|licen[cs]e|certificate|serial|device|accession|patient|case|visit|encounter)\s*(?:id|no|nr|num|number|#))\.?\s*[:#]?\s*)(?=[A-Z\d-]*\d)[A-Z\d][A-Z\d-]{3,}\b/giu,
  },
  { label: "ID", pattern: /\b\d{3}-\d{2}-\d{4}\b/gu },
  { label: "ID", pattern: /(?<![\d.])\d{17}[\dXx](?!\d|\.\d)/gu },
  { label: "ID", pattern: /(?<kept>(?:身份证|病历|住院|门诊|床|卡)号?(?:码)?\s*[:：]?\s*)[A-Z\d-]{4,}/gu },
  { label: "DATE", pattern: /\b\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:[T ]\d{1,2}:\d{2}(?::\d{2})?)?\b/gu },
  { label: "DATE", pattern: /\b\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})\b/gu },
  {
    label: "DATE",
    pattern: new RegExp(String.raw`\b\d{1,2}(?:st|nd|rd|th)?[ -](?:of )?${months}\.?(?:,?[ -]\d{4})?\b`, "giu"),
  },
  { label: "DATE", pattern: new RegExp(String.raw`\b${months}\.? \d{1,2}(?:st|nd|rd|th)?\b(?:,? \d{4}\b)?`, "giu") },
  { label: "DATE", pattern: /\d{4}\s*年\s*\d{1,2}\s*月(?:\s*\d{1,2}\s*[日号])?|\d{1,2}\s*月\s*\d{1,2}\s*[日号]/gu },
  {
    label: "PHONE",
    pattern: /(?<![\d.])(?:\+\d{1,3}[ .-]?)?(?:\(\d{2,4}\)[ .-]?|\d{2,4}[ .-])\d{3,4}[ .-]\d{3,4}(?!\d|\.\d)/gu,
  },
  { label: "PHONE", pattern: /(?<![\d.])1[3-9]\d{9}(?!\d|\.\d)/gu },
  {
    label: "ADDRESS",
    pattern:
      /\b\d{1,5} (?:[A-Z][\w'-]+ ){1,4}(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Way|Square|Place|Pl)\b\.?/gu,
  },
  // Ages above 89 say who somebody is (Safe Harbor).
  { label: "AGE", pattern: /\b(?:9\d|1[01]\d)(?=[ -](?:years?|yrs?|y\/?o|year-old)\b|岁)/giu },
  // Names where something says that they are some.
  {
    label: "NAME",
    pattern: new RegExp(
      String.raw`(?<kept>\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Doctor|Nurse|Sister|Herr|Frau)\.?[ ]+)${names}`,
      "gu",
    ),
  },
  {
    label: "NAME",
    pattern: new RegExp(
      String.raw`(?<kept>\b(?:[Pp]atient(?: [Nn]ame)?|[Nn]ame|[Ss]urname|[Aa]ttending|[Pp]hysician|[Ss]igned(?: by)?|[Dd]ictated by|[Cc]c)[ ]*:[ ]*)${names}`,
      "gu",
    ),
  },
  { label: "NAME", pattern: /(?<kept>(?:姓名|患者姓名|医师|医生|签名)\s*[:：]\s*)\p{Script=Han}{2,4}/gu },
];

/**
 * Takes out of a text what rules recognise as saying whom it is about, after the identifiers that HIPAA's Safe Harbor lists
 * (45 CFR 164.514(b)(2)): dates, numbers of telephones, records and accounts, e-mail and network addresses, street
 * addresses, ages above 89, and names behind a title or a field such as `Patient:`; English and Chinese. In their place
 * stand labels, `[DATE]`.
 *
 * It is a help, and no proof: names in running text without a title, places and unusual stories stay, and texts stay
 * personal data.
 *
 * @returns the text; one without such identifiers as it is
 *
 * @example
 * deidentifyText("Mr. Jones, MRN 448812, seen on 3/4/2021"); // "Mr. [NAME], MRN [ID], seen on [DATE]"
 */
export function deidentifyText(text: string): string {
  return rules.reduce(
    (current, { label, pattern }) =>
      current.replaceAll(pattern, (...found: unknown[]) => {
        const groups = found.at(-1) as { readonly kept?: string } | string;
        return `${typeof groups === "object" ? (groups.kept ?? "") : ""}[${label}]`;
      }),
    text,
  );
}
