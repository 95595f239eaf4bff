import { deniedIn } from "../statements/polarity.ts";
import type { DialogueTurn, FindingState } from "./schemas.ts";

/** A finding that a conversation mentions. */
export interface Mention {
  readonly name: string;
  readonly state: FindingState;
  /** Position of the turn. */
  readonly turn: number;
}

/** Other words for findings, by the finding's name. */
export type Synonyms = Readonly<Record<string, readonly string[]>>;

const unsure = /^\W*(?:i )?(?:don't know|not sure|unsure|maybe)|^\W*(?:不知道|不清楚|不确定|说不清)/i;
const refusing = /^\W*(?:no\b|none\b|nope\b|not\b)|^\W*(?:没有|没|无|不是|不|否)/i;
const agreeing = /^\W*(?:yes\b|yeah\b|yep\b|a (?:little|bit)\b|sometimes\b)|^\W*(?:有|是|对|嗯|会|偶尔)/i;

const isWord = (character: string | undefined): boolean => character !== undefined && /[a-z0-9]/i.test(character);

/** Places of a name in a text, of Latin script only as a whole word. */
function placesOf(text: string, name: string): number[] {
  const places: number[] = [];
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const inWord = (isWord(name[0]) && isWord(text[at - 1])) || (isWord(name.at(-1)) && isWord(text[at + name.length]));
    if (!inWord) places.push(at);
  }
  return places;
}

/** Findings that a text names, longer names before those that they contain, with whether they are denied. */
function mentionsIn(text: string, names: readonly (readonly [string, string])[]): { name: string; present: boolean }[] {
  let rest = text.toLowerCase();
  // A Chinese comma ends what is denied: 没有发烧，咳嗽两天了.
  const denied = deniedIn(rest.replaceAll("，", "。"));
  const found = new Map<string, { readonly present: boolean; readonly at: number }>();
  for (const [word, name] of names) {
    for (const at of placesOf(rest, word)) {
      const present = !denied.some(({ start, end }) => at >= start && at < end);
      // What is said to be there once is there, whatever is denied elsewhere.
      const before = found.get(name);
      found.set(name, { present: present || before?.present === true, at: Math.min(at, before?.at ?? at) });
      rest = `${rest.slice(0, at)}${"\u0000".repeat(word.length)}${rest.slice(at + word.length)}`;
    }
  }
  return [...found].sort(([, a], [, b]) => a.at - b.at).map(([name, { present }]) => ({ name, present }));
}

/**
 * Findings that a patient's turns name or deny, and answers of yes and no to a doctor's question that names one. Later turns
 * go before earlier ones. It goes by words: what is said in other words than the names and synonyms is not understood.
 */
export function readMentions(
  dialogue: readonly DialogueTurn[],
  findings: readonly string[],
  synonyms: Synonyms = {},
): Mention[] {
  const names = findings
    .flatMap((name) => [name, ...(synonyms[name] ?? [])].map((word) => [word.toLowerCase(), name] as const))
    .sort(([a], [b]) => b.length - a.length);
  const found = new Map<string, Mention>();
  dialogue.forEach(({ role, text }, turn) => {
    if (role === "doctor") return;
    const mentions = mentionsIn(text, names);
    const before = dialogue[turn - 1];
    if (before?.role === "doctor") {
      const asked = before.asks === undefined ? mentionsIn(before.text, names).map(({ name }) => name) : [before.asks];
      const state: FindingState | undefined = unsure.test(text)
        ? "unknown"
        : refusing.test(text)
          ? "absent"
          : agreeing.test(text)
            ? "present"
            : undefined;
      if (state !== undefined)
        for (const name of asked)
          if (!mentions.some((mention) => mention.name === name)) found.set(name, { name, state, turn });
    }
    for (const { name, present } of mentions) found.set(name, { name, state: present ? "present" : "absent", turn });
  });
  return [...found.values()];
}
