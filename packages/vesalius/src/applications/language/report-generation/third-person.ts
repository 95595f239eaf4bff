import { answerPolarity } from "../statements/polarity.ts";

/** Verbs that conversations about health say in the first person and the present. */
const present = new Set(
  (
    "take feel think live smoke drink work use get need want see go know like wear eat sleep exercise notice cough vomit " +
    "hurt walk run sit stand come start stop keep try call make give bring look sound seem remember forget worry hope " +
    "believe love enjoy play stay move check weigh experience"
  ).split(" "),
);

const inflected = (verb: string): string =>
  /(?:s|sh|ch|x|o)$/.test(verb) ? `${verb}es` : /[^aeiou]y$/.test(verb) ? `${verb.slice(0, -1)}ies` : `${verb}s`;

const forms: Readonly<Record<string, string>> = {
  am: "is",
  "'m": "is",
  "'ve": "has",
  have: "has",
  "'ll": "will",
  "'d": "would",
  are: "is",
  "'re": "is",
  were: "was",
  do: "does",
};

const plural: Readonly<Record<string, string>> = {
  am: "are",
  "'m": "are",
  "'ve": "have",
  "'ll": "will",
  "'d": "would",
  "'re": "are",
  was: "were",
};

/** Contractions of what somebody says of himself, or is told, as two words, so that forms of verbs stand alone. */
const apart = (text: string, self: "i" | "you"): string =>
  text
    .replaceAll("’", "'")
    .replaceAll(/\bwon't\b/gi, "will not")
    .replaceAll(/\bcan't\b/gi, "cannot")
    .replaceAll(/n't\b/gi, " not")
    .replaceAll(new RegExp(`\\b(${self})'(m|ve|ll|d|re)\\b`, "gi"), "$1 '$2");

/** Turns what one person says of himself, or is told, into what is said of the patient. */
function ofPatient(sentence: string, self: "i" | "you"): string {
  let named = false;
  const patient = (): string => {
    const subject = named ? "they" : "the patient";
    named = true;
    return subject;
  };
  const own = self === "i" ? "my|mine" : "your|yours";
  const object = self === "i" ? "me|myself" : "you|yourself";
  const subject = new RegExp(`(?:\\b(do|have|are|did|were)\\s+)?\\b${self}\\s+('?[a-z]+)`, "gi");
  return apart(sentence, self)
    .replace(subject, (_, asked: string | undefined, verb: string) => {
      const word = verb.toLowerCase();
      // "Do you have" inside of a question: the verb is in front.
      if (asked !== undefined) return `${asked} ${patient()} ${word}`;
      const who = patient();
      if (who === "they") return `they ${plural[word] ?? word}`;
      return `${who} ${forms[word] ?? (present.has(word) ? inflected(word) : word)}`;
    })
    .replace(new RegExp(`\\b(?:${own})\\b`, "gi"), "their")
    .replace(new RegExp(`\\b(?:${object})\\b`, "gi"), "them");
}

const fillers =
  /^(?:(?:um+|uh+|oh+|well|hm+|ah+|er|so|okay|ok|and|yes|yeah|nope|yep|sure|right|great|good|alright|all right|sir|ma'am|doctor|miss)\b[\s,.!;-]+|no\s*[,.!;]+\s*)+/i;

const finished = (text: string): string => {
  const bare = text
    .trim()
    .replace(/[\s,;:.!?]+$/, "")
    .replaceAll(/\s+/g, " ");
  return bare === "" ? "" : `${bare[0]!.toUpperCase()}${bare.slice(1)}.`;
};

/** What two people say to each other that no note repeats. */
const courtesy =
  /\b(?:thanks?|thank you|sorry|hello|welcome|nice to (?:meet|see)|good (?:morning|afternoon|evening)|no problem|no worries|of course|let's|let us|i see|got it|sounds good|my pleasure|take care|good to hear|glad)\b/i;

/** Whether a sentence is part of a talk rather than of what it is about. */
export const isCourtesy = (sentence: string): boolean => courtesy.test(sentence);

/**
 * What somebody states, as a note says it: "I've been taking Tylenol" becomes "The patient has been taking Tylenol." Words
 * are kept, in other languages than English the whole sentence.
 *
 * @param self whom it is about: who speaks of himself, or who is spoken to
 */
export const statedOfPatient = (sentence: string, self: "i" | "you"): string =>
  finished(
    ofPatient(sentence.replace(fillers, ""), self).replace(
      /^(?:i|we)\s*'?(?:will|ll|am going to|m going to|are going to|re going to|would like to)\b/i,
      "Will",
    ),
  );

const asked = /^(?:any|do|does|did|are|is|was|were|have|has|had|can|could|will)\b/i;

/**
 * A yes-no question with its answer as a note says it: "Do you have any fever?" with "No." becomes "The patient does not have
 * any fever." Undefined where the question is of another kind, or was not answered by yes or no.
 */
export function answeredOfPatient(question: string, answer: string): string | undefined {
  const polarity = answerPolarity(answer);
  const bare = question
    .replaceAll("’", "'")
    .replace(fillers, "")
    .replace(/[?？\s]+$/, "");
  if (polarity === "open" || !asked.test(bare)) return undefined;
  const no = polarity === "denied";
  const any = /^any\s+(.*)$/is.exec(bare);
  if (any !== null) return finished(`${no ? "No" : "Reports"} ${ofPatient(any[1]!, "you")}`);
  const found = /^(do|are|have|had|did|were|can|could|will)\s+you\s+(.*)$/is.exec(bare);
  if (found === null) return undefined;
  const [, verb, rest] = found as unknown as [string, string, string];
  const form = { do: "does", are: "is", have: "has", were: "was" }[verb.toLowerCase()] ?? verb.toLowerCase();
  const said = ofPatient(rest, "you");
  return finished(`The patient ${form}${no ? " not" : ""} ${no ? said : said.replace(/\bany\s+(?:other\s+)?/i, "")}`);
}
