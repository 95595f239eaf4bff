/**
 * Words that patients and clinicians have for the same thing, the clinician's first. Longer ones stand in front of those
 * that they hold.
 */
const groups: readonly (readonly [term: string, ...said: string[]])[] = [
  ["hypertension", "high blood pressure", "htn"],
  ["hyperlipidemia", "high cholesterol", "hypercholesterolemia", "elevated cholesterol"],
  ["diabetes", "diabetes mellitus", "diabetic", "high blood sugar", "sugar disease"],
  ["infarction", "myocardial infarction", "heart attacks?"],
  ["stroke", "cerebrovascular accident", "cva"],
  ["dyspnea", "short(?:ness)? of breath", "trouble breathing", "difficulty breathing", "out of breath"],
  ["vomiting", "throwing up", "throw up", "threw up", "vomited", "emesis"],
  ["nausea", "nauseous", "nauseated", "sick to (?:my|your|his|her) stomach"],
  ["abdominal", "abdomen", "stomach", "belly", "tummy"],
  ["headache", "head hurts?", "cephalgia"],
  ["edema", "swelling", "swollen", "swelled", "swells"],
  ["fatigue", "tired(?:ness)?", "exhausted", "exhaustion"],
  ["dysuria", "pain while (?:peeing|urinating)", "burning (?:when|with) (?:i |you )?(?:pee|urinat\\w*|urination)"],
  ["urination", "urinary", "urinate", "urinating", "peeing", "pee"],
  ["syncope", "pass(?:ed|ing)? out", "faint(?:ed|ing|s)?", "black(?:ed)? out"],
  ["hypothyroidism", "underactive thyroid", "low thyroid"],
  ["pruritus", "itch(?:y|ing|es|ed)?"],
  ["fracture", "fractured", "broken bones?", "broke"],
  ["surgery", "surger(?:y|ies)", "surgical", "operations?", "operated"],
  ["hysterectomy", "uterus removed"],
  ["appendectomy", "appendix (?:was )?(?:removed|out)", "appendix taken out"],
  ["cholecystectomy", "gall ?bladder (?:was )?(?:removed|out)", "gall ?bladder taken out"],
  ["tonsillectomy", "tonsils (?:removed|out|taken out)"],
  ["tobacco", "smok(?:e|es|ed|ing|er|ers)", "cigarettes?", "nicotine"],
  ["alcohol", "etoh", "alcoholic", "drink(?:s|ing|er)?", "beers?", "wine", "liquor"],
  ["drug", "drugs", "substances?", "marijuana", "cocaine", "heroin"],
  ["medication", "medications?", "medicines?", "meds", "pills?", "prescriptions?"],
  ["allergy", "allerg(?:y|ies|ic)"],
  ["pain", "painful", "hurt(?:s|ing)?", "ache[sd]?", "aching", "sore(?:ness)?"],
  ["caucasian", "white"],
  ["african american", "black"],
  ["female", "woman", "girl", "lady", "ma['’]?am", "miss"],
  ["male", "man", "boy", "gentleman", "sir"],
  ["mother", "mom", "mommy", "mum", "maternal"],
  ["father", "dad", "daddy", "paternal"],
  ["deceased", "died", "dead", "passed away", "death"],
  ["child", "children", "kids?", "pediatric"],
  ["physician", "doctors?", "dr"],
  ["xray", "x[- ]?rays?", "radiographs?"],
  ["mri", "m r i", "magnetic resonance imaging"],
  ["ct", "c t", "cat scan", "computed tomography"],
  ["ekg", "e k g", "ecg", "electrocardiogram"],
  ["emergency", "emergency (?:room|department)", "e\\.?r\\.?\\b", "e r\\b", "ed\\b"],
  ["copd", "c o p d", "chronic obstructive pulmonary disease"],
  ["hiv", "h i v"],
  ["upper respiratory infection", "uri"],
  ["immunization", "immunizations?", "vaccin(?:e|es|ation|ations|ated)", "shots?"],
  ["twice daily", "two times a day", "twice a day", "bid", "b\\.i\\.d\\.?"],
  ["daily", "every ?day", "once a day", "each day", "per day", "a day", "q\\.?d\\.?"],
  ["widow", "widowed", "widower"],
];

const boundary = "(?<![\\p{L}\\p{N}])";
const patterns = groups.map(
  ([term, ...said]) => [term, new RegExp(`${boundary}(?:${said.join("|")})(?![\\p{L}\\p{N}])`, "giu")] as const,
);

/** Single words that deny something. */
const denials: readonly (readonly [said: RegExp, written: string])[] = [
  [/\bnon(?=smok|drink|alcohol|tender|diabetic|toxic)/giu, "non-"],
  [/\b(?:nkda|nka)\b/giu, "no known drug allergies"],
  [/\bafebrile\b/giu, "no fever"],
  [/\basymptomatic\b/giu, "no symptoms"],
  [/\bquit\b(?=\s+(?:smoking|drinking))/giu, "stopped"],
];

/**
 * A text in which what patients say stands as clinicians write it, in lower case: for comparing what two texts say, not for
 * reading.
 */
export function inOneSpelling(text: string): string {
  const written = denials.reduce((changed, [said, instead]) => changed.replace(said, instead), text.toLowerCase());
  return patterns.reduce((changed, [term, pattern]) => changed.replace(pattern, term), written);
}
