import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import { wordsOf as wordsOfText } from "../../tasks/inference/bm25.ts";
import { type Prompting, replyOf } from "./prompting.ts";
import { messagesOf, wordsOf } from "./question.ts";
import { maximumTokensSchema } from "./zero-shot.ts";

/** A statement of a knowledge graph. */
export type Triple = readonly [subject: string, relation: string, object: string];

const settingsSchema = z.strictObject({
  /** The knowledge graph: subject, relation, object. */
  triples: z.array(z.tuple([z.string().min(1), z.string().min(1), z.string().min(1)])).min(1),
  /** Most steps of a path. */
  steps: z.int().positive().max(4).default(2),
  /** Most paths that are shown. */
  paths: z.int().positive().max(100).default(8),
  /** Most tokens of an answer. */
  maximumTokens: maximumTokensSchema,
});

/** A path from a concept that the text names. */
interface Path {
  readonly words: string;
  readonly score: number;
}

/** Whether a text names a concept, as whole words. */
function names(text: readonly string[], concept: readonly string[]): boolean {
  for (let at = 0; at + concept.length <= text.length; at++)
    if (concept.every((word, i) => text[at + i] === word)) return true;
  return false;
}

/**
 * Paths of a knowledge graph that begin with concepts of a text, those first whose ends share most words with it; in
 * the manner of Dr.Knows (Gao et al. 2023), whose trained ranking is in place here by shared words.
 */
export function pathsFor(text: string, triples: readonly Triple[], steps: number, most: number): string[] {
  const leaving = new Map<string, Triple[]>();
  for (const triple of triples) {
    const known = leaving.get(triple[0]);
    if (known === undefined) leaving.set(triple[0], [triple]);
    else known.push(triple);
  }
  const said = wordsOfText(text);
  const known = new Set(said);
  const found: Path[] = [];
  for (const start of leaving.keys()) {
    if (!names(said, wordsOfText(start))) continue;
    let ends: { readonly at: string; readonly words: string; readonly seen: readonly string[] }[] = [
      { at: start, words: start, seen: [start] },
    ];
    for (let step = 1; step <= steps; step++) {
      ends = ends.flatMap(({ at, words, seen }) =>
        (leaving.get(at) ?? [])
          .filter(([, , object]) => !seen.includes(object))
          .map(([, relation, object]) => ({
            at: object,
            words: `${words} → ${relation} → ${object}`,
            seen: [...seen, object],
          })),
      );
      for (const { words, seen } of ends) {
        const beyond = seen.slice(1).flatMap(wordsOfText);
        const shared = beyond.filter((word) => known.has(word)).length;
        // Of paths that share as much, the shorter one says it more directly.
        found.push({ words, score: shared / Math.max(1, beyond.length) - step / 100 });
      }
    }
  }
  return found
    .sort((a, b) => b.score - a.score || (a.words < b.words ? -1 : 1))
    .slice(0, most)
    .map(({ words }) => words);
}

/** Paths of a knowledge graph that start from what the text names, as context of the question. */
export const knowledgePaths = entry({
  name: "knowledgePaths",
  summary: "Paths of a knowledge graph from concepts of the text, in front of the question.",
  paper: "Gao et al. 2023, Leveraging a Medical Knowledge Graph into Large Language Models (Dr.Knows)",
  settings: settingsSchema,
  create: ({ triples, steps, paths, maximumTokens }): Prompting => ({
    name: "knowledgePaths",
    settings: { triples, steps, paths, maximumTokens },
    open: ({ model, spoken, asking, signal }) =>
      Promise.resolve(async (question) => {
        const found = pathsFor(question.shown, triples, steps, paths);
        const context = found.length === 0 ? "" : `Knowledge that may help:\n${found.join("\n")}`;
        const { text } = await model.complete(messagesOf(wordsOf(question, undefined, context), asking), {
          maximumTokens,
          ...(signal === undefined ? {} : { signal }),
        });
        return replyOf(spoken.hear(text, question.example));
      }),
  }),
});
