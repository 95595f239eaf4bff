import { VesaliusError } from "../../../common/errors.ts";
import { type Split, textsColumn } from "../../../data/index.ts";
import type { ClassificationAnswer } from "../../../evaluation/index.ts";
import { matchColumns, type Model } from "../../../tasks/index.ts";
import { askedSplit } from "../../asked-split.ts";
import { inOneSpelling } from "../statements/same-meaning.ts";
import type { Exchange } from "../statements/source.ts";
import type { RequestedItem } from "./request.ts";
import type { NoteTemplate } from "./template.ts";

/** Says which section of a template texts belong to: a name of a section each, undefined for none. */
export interface SectionChooser {
  choose(texts: readonly string[]): Promise<readonly (string | undefined)[]>;
  release(): Promise<void>;
}

const escaped = (phrase: string): string => phrase.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Chooses the section most of whose cues a text has, longer ones counting more; the template's `otherwise` without any. */
export function cueSections({ sections, otherwise }: NoteTemplate): SectionChooser {
  const patterns = sections.map(({ name, cues }) => ({
    name,
    cues: cues.map((cue) => ({
      worth: cue.split(/\s+/).length,
      // Chinese has no spaces between words.
      pattern: /\p{Script=Han}/u.test(cue)
        ? new RegExp(escaped(cue), "u")
        : new RegExp(`(?<![\\p{L}\\p{N}])${escaped(cue.toLowerCase())}(?![\\p{L}\\p{N}])`, "u"),
    })),
  }));
  const choose = (text: string): string | undefined => {
    const said = text.toLowerCase();
    let [best, most] = [otherwise, 0];
    for (const { name, cues } of patterns) {
      const worth = cues.reduce((sum, cue) => sum + (cue.pattern.test(said) ? cue.worth : 0), 0);
      if (worth > most) [best, most] = [name, worth];
    }
    return best;
  };
  return { choose: async (texts) => texts.map(choose), release: async () => {} };
}

/** A split of texts under the only name that a model reads them by. */
const textsSplit = (texts: readonly string[]): Split => askedSplit("texts", { text: textsColumn(texts) });

/**
 * Chooses sections by a model of the task classification whose classes are names of the template's sections.
 *
 * @throws VesaliusError `bad-argument` for a model of another task, or with a class that is no section
 */
export function classifiedSections(model: Model, template: NoteTemplate): SectionChooser {
  const classes =
    model.task.name === "classification" ? (model.task.settings["classes"] as readonly string[]) : undefined;
  if (classes === undefined)
    throw new VesaliusError("bad-argument", `the model of sections does ${model.task.name}`, {
      where: "sections",
      fix: "give a model of the task classification, such as one of the recipe note-sections",
    });
  const known = new Set(template.sections.map(({ name }) => name));
  const strange = classes.filter((name) => !known.has(name));
  if (strange.length > 0)
    throw new VesaliusError("bad-argument", `${strange.length} classes of the model are no sections of the template`, {
      where: "sections",
      fix: "use the template that the model was trained for, or name sections as its classes are named",
    });
  return {
    async choose(texts) {
      if (texts.length === 0) return [];
      const chosen: (string | undefined)[] = [];
      for await (const { answer } of model.predict(matchColumns(model, textsSplit(texts)))) {
        const probabilities = Array.from((answer as ClassificationAnswer | null)?.probabilities ?? []);
        chosen.push(classes[probabilities.indexOf(Math.max(...probabilities))]);
      }
      return chosen;
    },
    release: () => model.release(),
  };
}

/** What is said in some items, a line each, with who says it. */
export const linesOf = (source: readonly RequestedItem[], items: readonly number[]): string =>
  items
    .map((item) => source[item]!)
    .map(({ speaker, text }) => (speaker === undefined ? text : `${speaker}: ${text}`))
    .join("\n");

/** Fewer content words than this say nothing of a section by themselves. */
const saysLittle = 3;

/** Exchanges by the section that they belong to, and those that belong to none. */
export interface AssignedExchanges {
  readonly bySection: ReadonlyMap<string, readonly Exchange[]>;
  readonly unassigned: readonly Exchange[];
}

/**
 * Assigns exchanges to sections: those of the request as it says, everything to the only section that is asked for, and
 * what says nothing by itself ("How long?") to the section of what was said before it.
 */
export async function assignExchanges(
  source: readonly RequestedItem[],
  exchanges: readonly Exchange[],
  chooser: SectionChooser,
  wanted: readonly string[],
  otherwise?: string,
): Promise<AssignedExchanges> {
  const bySection = new Map<string, Exchange[]>();
  const unassigned: Exchange[] = [];
  const put = (exchange: Exchange, name: string | undefined): void => {
    const section = name ?? (wanted.length === 1 ? wanted[0] : undefined);
    if (section === undefined || !wanted.includes(section)) unassigned.push(exchange);
    else bySection.set(section, [...(bySection.get(section) ?? []), exchange]);
  };
  const open = exchanges.filter(({ items }) => items.every((item) => source[item]!.section === undefined));
  const names =
    wanted.length === 1
      ? open.map(() => wanted[0])
      : await chooser.choose(open.map(({ items }) => linesOf(source, items)));
  const chosen = new Map(open.map((exchange, i) => [exchange, names[i]]));
  let before: string | undefined;
  for (const exchange of exchanges) {
    const item = source[exchange.items[0]!]!;
    const own = chosen.get(exchange);
    const isContinued =
      item.kind === "turn" && before !== undefined && own === otherwise && exchange.words.size < saysLittle;
    const name = item.section ?? (isContinued ? before : own);
    put(exchange, name);
    before = item.kind === "turn" ? name : before;
  }
  return { bySection, unassigned };
}

/** Words that a section is about: its title and cues. */
export const topicOf = ({ title, name, cues }: NoteTemplate["sections"][number]): string[] =>
  [title ?? name, ...cues].map(inOneSpelling);
