import { wordsSaid } from "../statements/statement.ts";
import { noteSentences } from "./note-sentences.ts";
import type { RequestedItem } from "./request.ts";
import { answeredOfPatient, isCourtesy, statedOfPatient } from "./third-person.ts";
import type { SectionDraft, SectionWriter } from "./writer.ts";

const clinician = /doct|docot|clinic|physician|nurse|provider|surgeon|therapist|pharmacist|医|护/i;

/** Content words that make a statement worth a place in a note. */
const worthSaying = 2;

const isClinician = ({ speaker = "" }: RequestedItem): boolean => clinician.test(speaker);

/** What an exchange states, in its order. */
function stated({ source, exchanges }: SectionDraft, at: number): string[] {
  const exchange = exchanges[at]!;
  const items = exchange.items.map((item) => source[item]!);
  const sentences: string[] = [];
  const [question, answer] = items as [RequestedItem, RequestedItem | undefined];
  const asked = noteSentences(question.text)
    .filter((sentence) => /[?？]/.test(sentence))
    .at(-1);
  const told = answer === undefined || asked === undefined ? undefined : answeredOfPatient(asked, answer.text);
  if (told !== undefined) sentences.push(told);
  for (const item of items) {
    if (item.kind !== "turn") {
      sentences.push(/[.!?。！？]$/u.test(item.text) ? item.text : `${item.text}.`);
      continue;
    }
    for (const sentence of noteSentences(item.text)) {
      if (/[?？]/.test(sentence) || isCourtesy(sentence)) continue;
      const worth = item === answer && told === undefined ? 1 : worthSaying;
      const said = wordsSaid(sentence).length + (/\d/.test(sentence) ? 1 : 0);
      if (said >= worth) sentences.push(statedOfPatient(sentence, isClinician(item) ? "you" : "i"));
    }
  }
  return sentences;
}

/**
 * Writes what was said as it was said, in the third person: statements with content, and yes-no questions with their
 * answers. Needs no model and adds nothing; leaves out what no rule makes a statement of.
 */
export const extractiveWriter: SectionWriter = {
  name: "extractive",
  write: async (draft) => ({
    text: [...new Set(draft.exchanges.flatMap((_, at) => stated(draft, at)))].join("\n"),
  }),
  release: async () => {},
};
