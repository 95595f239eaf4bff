import { quantitiesOf } from "./quantities.ts";
import { answerPolarity } from "./polarity.ts";
import { wordsSaid } from "./statement.ts";

/** Something that a text may rest on: a turn of a conversation, a finding, a code. */
export interface SourceItem {
  readonly kind: "turn" | "finding" | "code";
  /** Who says it, of a turn. */
  readonly speaker?: string | undefined;
  readonly text: string;
}

/** How a word is said: both where one turn affirms and another denies it; neither in a question that nobody answered. */
export interface Said {
  affirmed: boolean;
  denied: boolean;
}

/** A number that is said, with the units that it is said in; undefined stands for none. */
export type SaidNumbers = ReadonlyMap<string, ReadonlySet<string | undefined>>;

/** Items that say something together: a question with its answer, or one item alone. */
export interface Exchange {
  /** Positions of its items in the source, in their order. */
  readonly items: readonly number[];
  readonly words: ReadonlyMap<string, Said>;
  readonly numbers: SaidNumbers;
}

/** Whether a turn asks something at its end. */
const asks = (text: string): boolean => /[?？]\s*$/.test(text.trim()) || /[?？][^?？]{0,40}$/.test(text.trim());

function say(words: Map<string, Said>, text: string, asked?: "affirmed" | "denied" | "open"): void {
  for (const { word, denied } of wordsSaid(text)) {
    const said = words.get(word) ?? { affirmed: false, denied: false };
    if (asked === undefined) said[denied ? "denied" : "affirmed"] = true;
    // "You don't smoke?" is denied by "no" as by "right".
    else if (asked !== "open") said[denied || asked === "denied" ? "denied" : "affirmed"] = true;
    words.set(word, said);
  }
}

function numbersOf(texts: readonly string[]): SaidNumbers {
  const numbers = new Map<string, Set<string | undefined>>();
  for (const text of texts)
    for (const { value, unit } of quantitiesOf(text, "possible"))
      numbers.set(value, (numbers.get(value) ?? new Set()).add(unit));
  return numbers;
}

/** Sentences of a turn that ask, and the others. */
function askedAndSaid(text: string): { readonly asked: string; readonly said: string } {
  const sentences = text.match(/[^.!?。！？]+[.!?。！？]*/gu) ?? [];
  const isAsked = (sentence: string): boolean => /[?？]/.test(sentence);
  return {
    asked: sentences.filter(isAsked).join(" "),
    said: sentences.filter((sentence) => !isAsked(sentence)).join(" "),
  };
}

/**
 * Brings a conversation into exchanges: a question is read with the turn that answers it, so that "Any fever?" and "No." deny
 * a fever together; every other item stands alone.
 */
export function exchangesOf(source: readonly SourceItem[]): Exchange[] {
  const exchanges: Exchange[] = [];
  for (let at = 0; at < source.length; at++) {
    const { kind, speaker, text } = source[at]!;
    const next = source[at + 1];
    const isAnswered =
      kind === "turn" && asks(text) && next?.kind === "turn" && next.speaker !== speaker && next.text.trim() !== "";
    const words = new Map<string, Said>();
    if (!isAnswered) {
      const { asked, said } = kind === "turn" ? askedAndSaid(text) : { asked: "", said: text };
      say(words, said);
      say(words, asked, "open");
      exchanges.push({ items: [at], words, numbers: numbersOf([text]) });
      continue;
    }
    const { asked, said } = askedAndSaid(text);
    say(words, said);
    say(words, asked, answerPolarity(next.text));
    const answer = askedAndSaid(next.text);
    say(words, answer.said);
    say(words, answer.asked, "open");
    exchanges.push({ items: [at, at + 1], words, numbers: numbersOf([text, next.text]) });
    // An answer that asks back begins an exchange of its own too.
    if (!asks(next.text)) at++;
  }
  return exchanges;
}
