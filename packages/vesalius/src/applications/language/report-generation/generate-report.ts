import { validate } from "../../../common/check.ts";
import { researchUseNotice } from "../../../evaluation/index.ts";
import type { OpenApplication } from "../../application.ts";
import { align, type Alignment, type AlignmentOptions, defaultCoverage } from "../statements/alignment.ts";
import { exchangesOf } from "../statements/source.ts";
import { extractiveWriter } from "./extractive-writer.ts";
import { mtsDialogTemplate } from "./mts-template.ts";
import { noteSentences } from "./note-sentences.ts";
import type { Judgement, PairJudge } from "./pair-judge.ts";
import { type ReportRequest, reportRequestSchema, type RequestedItem, sourceOf } from "./request.ts";
import type { NoteSentence, ReportResponse } from "./response.ts";
import { assignExchanges, cueSections, linesOf, type SectionChooser, topicOf } from "./sections.ts";
import { type NoteSection, type NoteTemplate, sectionOf } from "./template.ts";
import type { SectionWriter } from "./writer.ts";

/** What report generation is made of. */
export interface ReportParts {
  /** Sections of the note; those of MTS-Dialog where it is left out. */
  readonly template?: NoteTemplate;
  /** Writes the sections; what was said in the third person where it is left out. */
  readonly writer?: SectionWriter;
  /** Says which section something belongs to; the template's cues where it is left out. */
  readonly sections?: SectionChooser;
  /** A trained model beside the comparison of words. */
  readonly judge?: PairJudge;
  /** Whether unsupported sentences stay, marked, or are left out of the sections. */
  readonly unsupported?: "mark" | "omit";
  /** Least share of the content words of a supported sentence that its source has, from 0 to 1. */
  readonly coverage?: number;
}

/** Identifiers of the items of a source: T1, T2, F1, C1, ... */
function identifiersOf(source: readonly RequestedItem[]): string[] {
  const counts = { turn: 0, finding: 0, code: 0 };
  return source.map(({ kind }) => `${{ turn: "T", finding: "F", code: "C" }[kind]}${++counts[kind]}`);
}

/** Probability from which a model supports a sentence that shares too few words with its source, or contradicts one. */
const decisive = 0.5;

function judged(text: string, alignment: Alignment, judgement: Judgement | undefined): Alignment["flags"] {
  if (judgement === undefined) return alignment.flags;
  const isContradicted = judgement.contradicts >= decisive;
  const flags = alignment.flags.filter(({ kind }) => kind !== "words" || judgement.supports < decisive);
  return isContradicted && !flags.some(({ kind }) => kind === "negation") ? [...flags, { kind: "model", text }] : flags;
}

/**
 * Writes sections of a clinical note from a conversation, findings or codes, and says of every sentence where it comes from:
 * each is linked to the turns, findings and codes that have its words and numbers, or flagged as unsupported. A number or a
 * dose that stands nowhere in the source is always flagged.
 *
 * @example
 * const application = generateReport();
 * const { sections } = await application.respond({ transcript: "Doctor: Any allergies?\nPatient: Penicillin." });
 * sections[0].sentences[0].sources; // ["T1", "T2"]
 */
export function generateReport(parts: ReportParts = {}): OpenApplication<ReportRequest, ReportResponse> {
  const { template = mtsDialogTemplate, writer = extractiveWriter, judge, unsupported = "mark" } = parts;
  const chooser = parts.sections ?? cueSections(template);
  const coverage = parts.coverage ?? defaultCoverage;

  return {
    async respond(given, { signal } = {}) {
      const request = validate(reportRequestSchema, given, { code: "bad-argument", what: "request" });
      const source = sourceOf(request);
      const named = [...(request.sections ?? []), ...source.flatMap(({ section }) => section ?? [])];
      for (const name of named) sectionOf(template, name);
      const wanted = request.sections ?? template.sections.map(({ name }) => name);
      const exchanges = exchangesOf(source);
      const { bySection, unassigned } = await assignExchanges(source, exchanges, chooser, wanted, template.otherwise);
      const ids = identifiersOf(source);
      const used = new Set<number>();

      async function check(section: NoteSection, text: string): Promise<NoteSentence[]> {
        const options: AlignmentOptions = { coverage, topic: topicOf(section) };
        const own = bySection.get(section.name)!;
        const sentences = noteSentences(text).map((sentence) => {
          const near = align(sentence, own, options);
          // What the section's own exchanges do not have may have been said elsewhere.
          return { sentence, alignment: near.flags.length === 0 ? near : align(sentence, exchanges, options) };
        });
        const judgements = await judge?.judge(
          sentences.map(({ sentence, alignment }) => ({
            sentence,
            source: linesOf(source, alignment.items.length > 0 ? alignment.items : own.flatMap(({ items }) => items)),
          })),
        );
        return sentences.map(({ sentence, alignment }, i) => {
          const flags = judged(sentence, alignment, judgements?.[i]);
          if (flags.length === 0) for (const item of alignment.items) used.add(item);
          return {
            text: sentence,
            supported: flags.length === 0,
            sources: alignment.items.map((item) => ids[item]!),
            coverage: alignment.coverage,
            flags: [...flags],
            ...(judgements === undefined ? {} : { probability: judgements[i]!.supports }),
          };
        });
      }

      const sections: ReportResponse["sections"] = [];
      const prompts: ReportResponse["prompts"] = [];
      const cautions: string[] = [];
      for (const section of template.sections) {
        const own = bySection.get(section.name);
        if (own === undefined) continue;
        const {
          text,
          prompt,
          cautions: found = [],
        } = await writer.write({ section, source, exchanges: own }, signal === undefined ? {} : { signal });
        if (prompt !== undefined) prompts.push({ section: section.name, messages: [...prompt] });
        cautions.push(...found);
        const sentences = await check(section, text);
        const isKept = ({ supported }: NoteSentence): boolean => supported || unsupported === "mark";
        sections.push({
          name: section.name,
          title: section.title ?? section.name,
          sentences: sentences.filter(isKept),
          omitted: sentences.filter((one) => !isKept(one)),
        });
      }
      if (unassigned.length > 0)
        cautions.push(
          `${unassigned.length} exchanges or items belong to none of the sections and were not written about`,
        );
      const written = sections.flatMap(({ sentences, omitted }) => [...sentences, ...omitted]);
      const telling = new Set(
        exchanges.flatMap(({ items, words, numbers }) => (words.size + numbers.size > 0 ? items : [])),
      );
      return {
        template: template.name,
        writer: writer.name,
        sections,
        source: source.map(({ kind, speaker, text }, i) => ({
          id: ids[i]!,
          kind,
          ...(speaker === undefined ? {} : { speaker }),
          text,
        })),
        unused: ids.filter((_, item) => telling.has(item) && !used.has(item)),
        counts: {
          sentences: written.length,
          supported: written.filter(({ supported }) => supported).length,
          omitted: sections.reduce((sum, { omitted }) => sum + omitted.length, 0),
        },
        prompts,
        cautions,
        notice: researchUseNotice,
      };
    },
    async release() {
      await writer.release();
      await chooser.release();
      await judge?.release();
    },
  };
}
