import { z } from "zod";
import { validate } from "../../../common/check.ts";
import { reciprocalRankFusion } from "../../../tasks/index.ts";
import { researchUseNotice } from "../../../evaluation/index.ts";
import type { OpenApplication } from "../../application.ts";
import { contentWords, topicWeight } from "./content-words.ts";
import { emergenciesIn } from "./emergency.ts";
import { type Turn, turnSchema, understand } from "./memory.ts";
import type { FoundPassage, PassageIndex } from "./passage-index.ts";
import { chooseQuotes, quoteSchema } from "./quotes.ts";
import { defaultSupport, type SupportModel, supportOf } from "./support.ts";

/** A question, with the conversation before it. */
export const consultationRequestSchema = z.strictObject({
  question: z.string().trim().min(1).max(4000),
  /** Turns before this one, as the response before gave them. */
  conversation: z.array(turnSchema).max(100).default([]),
});

/** What is answered: quotes with where they come from, or why there is none. */
export const consultationResponseSchema = z.object({
  /** `declined` where nothing in the index supports an answer. */
  status: z.enum(["answered", "declined"]),
  /** The question as it was understood, with what it took over from the conversation. */
  understood: z.string(),
  /** Words of documents, unchanged, the best first. */
  quotes: z.array(quoteSchema),
  /** Probability that the passages answer the question, and the least that is answered. */
  support: z.object({ probability: z.number(), threshold: z.number() }),
  /** Why nothing is answered. */
  reason: z.string().optional(),
  /** Emergencies that the question points to: to be shown before everything else. */
  emergencies: z.array(z.object({ sign: z.string(), notice: z.string() })),
  conversation: z.array(turnSchema),
  notice: z.string(),
});

/** See {@link consultationRequestSchema}. */
export type ConsultationRequest = z.input<typeof consultationRequestSchema>;
/** See {@link consultationResponseSchema}. */
export type ConsultationResponse = z.output<typeof consultationResponseSchema>;

/** Ranks passages otherwise than by their words: by a trained dual encoder, or by reading question and passage together. */
export interface PassageRanker {
  /**
   * @param candidates positions of passages that may be ranked; all where it is left out
   * @returns positions of passages, best first
   */
  rank(question: string, limit: number, candidates?: readonly number[]): Promise<readonly number[]>;
  release(): Promise<void>;
}

/** What a consultation is made of. */
export interface ConsultationParts {
  readonly index: PassageIndex;
  /** When to decline; fitted on consumer health questions where it is left out. */
  readonly support?: SupportModel;
  /** Finds passages by meaning beside BM25; both rankings are fused. */
  readonly encoder?: PassageRanker;
  /** Reads the best passages with the question and ranks them anew. */
  readonly reranker?: PassageRanker;
  /** Quotes at most. */
  readonly quotes?: number;
}

/** Passages that the rankings are fused over. */
const candidates = 50;

/** Words of titles that name a topic: not what one asks of any, and not in the title of many ("disease", "cancer"). */
function topicWords(index: PassageIndex): ReadonlySet<string> {
  const counts = new Map<string, number>();
  for (const { title } of index.documents)
    for (const word of contentWords(title ?? "")) counts.set(word, (counts.get(word) ?? 0) + 1);
  const most = Math.max(20, index.documents.length / 50);
  return new Set([...counts].flatMap(([word, count]) => (topicWeight(word) === 1 && count <= most ? [word] : [])));
}

/**
 * Medical consultation over an index of documents: finds passages, quotes them word for word with source and date, declines
 * where nothing supports an answer, and shows what to do in an emergency first.
 *
 * @example
 * const application = consult({ index: new PassageIndex(documents) });
 * const { quotes } = await application.respond({ question: "What are the symptoms of asthma?" });
 */
export function consult(parts: ConsultationParts): OpenApplication<ConsultationRequest, ConsultationResponse> {
  const { index, support = defaultSupport, encoder, reranker, quotes = 3 } = parts;
  const topics = topicWords(index);

  async function find(question: string): Promise<readonly FoundPassage[]> {
    const byWords = index.search(question, candidates);
    if (encoder === undefined && reranker === undefined) return byWords;
    const found = new Map(byWords.map((one) => [one.position, one]));
    const rankings = [byWords.map(({ position }) => String(position))];
    if (encoder !== undefined) rankings.push((await encoder.rank(question, candidates)).map(String));
    let order = reciprocalRankFusion(rankings, { limit: candidates }).map(({ id }) => Number(id));
    if (reranker !== undefined) {
      const again = await reranker.rank(question, order.length, order);
      order = reciprocalRankFusion([order.map(String), again.map(String)]).map(({ id }) => Number(id));
    }
    return order.map((position) => found.get(position) ?? { position, passage: index.passages[position]!, score: 0 });
  }

  return {
    async respond(request) {
      const { question, conversation } = validate(consultationRequestSchema, request, {
        code: "bad-argument",
        what: "question",
      });
      const understood = understand(question, conversation, (word) => topics.has(word));
      const found = await find(understood);
      const { probability, each } = supportOf(support, index, understood, found);
      // A passage that would not be an answer by itself is none beside another.
      const supporting = found.filter((_, i) => each[i]! >= support.threshold / 2);
      const isSupported = probability >= support.threshold;
      const chosen = isSupported ? chooseQuotes(index, understood, supporting, { quotes }) : [];
      const answered = chosen.length > 0;
      const turn: Turn = {
        question,
        understood,
        documents: chosen.map(({ document }) => document),
        titles: chosen.flatMap(({ title }) => (title === undefined ? [] : [title])),
      };
      return {
        status: answered ? "answered" : "declined",
        understood,
        quotes: chosen,
        support: { probability, threshold: support.threshold },
        ...(answered
          ? {}
          : {
              reason:
                found.length === 0
                  ? "No passage of the index shares a word with the question."
                  : "No passage of the index supports an answer to the question.",
            }),
        emergencies: emergenciesIn(question),
        conversation: [...conversation, turn],
        notice: researchUseNotice,
      };
    },
    async release() {
      await encoder?.release();
      await reranker?.release();
    },
  };
}
