import { align, exchangesOf, generateReport, noteSentences, type ReportResponse, turnsOf } from "vesalius/applications";
import { bootstrapMany, percentileInterval, rougeScores } from "vesalius/evaluation";
import { plain } from "./measuring/figures.ts";
import { type Conversation, mtsDialogConversations, retrievalFloor } from "./report-generation/conversations.ts";
import { withChangedNumber, withFlippedNegation } from "./report-generation/corruptions.ts";
import type { Measure } from "./result.ts";

/** How the figures come about, for whoever reads a result. */
export const reportGenerationMethod =
  "MTS-Dialog, validation conversations; intervals by bootstrap over conversations. Notes without a model: what was said, in " +
  "the third person, of the section that is asked for; floors: dataset.json, the note of the nearest training conversation. " +
  "Support: sentences of the reference notes as they are, with a number changed, with the negation flipped, and against the " +
  "conversation of another encounter; found: share of the false sentences that are flagged; precision: share of false ones " +
  "among the flagged, where each true sentence stands beside its false one. Reference notes say things that the conversation " +
  "does not, so that a flag on one is not always wrong.";

/** Counts of one conversation, which are summed before shares are taken. */
interface Counted {
  readonly hits: number;
  readonly all: number;
}

interface Figure {
  readonly name: string;
  readonly perConversation: readonly Counted[];
}

const share = (counts: readonly Counted[], weights: ArrayLike<number> | undefined): number => {
  const sum = (value: (one: Counted) => number): number =>
    counts.reduce((total, one, i) => total + (weights?.[i] ?? 1) * value(one), 0);
  return sum(({ hits }) => hits) / sum(({ all }) => all);
};

function withIntervals(figures: readonly Figure[]): Measure[] {
  const [samples] = bootstrapMany<string>(
    (weights) => [
      Object.fromEntries(figures.map(({ name, perConversation }) => [name, share(perConversation, weights)])),
    ],
    { count: figures[0]!.perConversation.length, seed: 1 },
  );
  return figures.map(({ name }) => {
    const { estimate, values } = samples![name]!;
    const { lower, upper } = percentileInterval(values);
    return { name, value: estimate, lower, upper, unit: "share", ratio: null, of: null };
  });
}

const textOf = ({ sections }: ReportResponse): string =>
  sections.flatMap(({ sentences }) => sentences.map(({ text }) => text)).join(" ");

async function noteFigures(conversations: readonly Conversation[]): Promise<Figure[]> {
  const application = generateReport();
  const made = await Promise.all(
    conversations.map(({ transcript, section }) => application.respond({ transcript, sections: [section] })),
  );
  const rouge = made.map((response, i) => rougeScores(textOf(response), conversations[i]!.note));
  const mean = (name: string, values: readonly number[]): Figure => ({
    name,
    perConversation: values.map((hits) => ({ hits, all: 1 })),
  });
  return [
    mean(
      "notes without a model: ROUGE-1",
      rouge.map(({ rouge1 }) => rouge1.f1),
    ),
    mean(
      "notes without a model: ROUGE-2",
      rouge.map(({ rouge2 }) => rouge2.f1),
    ),
    mean(
      "notes without a model: ROUGE-L",
      rouge.map(({ rougeL }) => rougeL.f1),
    ),
    {
      name: "notes without a model: supported sentences",
      perConversation: made.map(({ counts }) => ({ hits: counts.supported, all: counts.sentences })),
    },
  ];
}

function supportFigures(conversations: readonly Conversation[]): Figure[] {
  const sources = conversations.map(({ transcript }) => exchangesOf(turnsOf(transcript)));
  const isFlagged = (sentence: string, source: number): boolean => align(sentence, sources[source]!).flags.length > 0;
  const tried = conversations.map(({ note }, i) =>
    noteSentences(note).map((sentence) => {
      const flagged = (changed: string | undefined): boolean | undefined =>
        changed === undefined || changed === sentence ? undefined : isFlagged(changed, i);
      return {
        original: isFlagged(sentence, i),
        "changed number": flagged(withChangedNumber(sentence)),
        "flipped negation": flagged(withFlippedNegation(sentence)),
        "another encounter": isFlagged(sentence, (i + Math.ceil(conversations.length / 2)) % conversations.length),
      };
    }),
  );
  const counted = (
    name: string,
    hits: (one: (typeof tried)[number][number]) => number,
    all: (one: (typeof tried)[number][number]) => number,
  ): Figure => {
    const sum = (ones: (typeof tried)[number], value: typeof hits): number =>
      ones.reduce((total, one) => total + value(one), 0);
    return { name, perConversation: tried.map((ones) => ({ hits: sum(ones, hits), all: sum(ones, all) })) };
  };
  const kinds = ["changed number", "flipped negation", "another encounter"] as const;
  return [
    counted(
      "support: reference sentences unflagged",
      ({ original }) => Number(!original),
      () => 1,
    ),
    ...kinds.flatMap((kind) => [
      counted(
        `support: ${kind}, found`,
        (one) => Number(one[kind] === true),
        (one) => Number(one[kind] !== undefined),
      ),
      counted(
        `support: ${kind}, precision`,
        (one) => Number(one[kind] === true),
        (one) => (one[kind] === undefined ? 0 : Number(one[kind]) + Number(one.original)),
      ),
    ]),
  ];
}

/** Measures report generation on MTS-Dialog; quick figures, on a handful of conversations, mean nothing. */
export async function measureReportGeneration(quick: boolean): Promise<Measure[]> {
  const conversations = await mtsDialogConversations(quick ? 8 : Infinity);
  const figures = withIntervals([...(await noteFigures(conversations)), ...supportFigures(conversations)]);
  const floors = (await retrievalFloor()).map((value, i) =>
    plain(`note of the nearest training conversation: ROUGE-${["1", "2", "L"][i]!}`, value, "share"),
  );
  return [
    ...floors,
    ...figures.map((figure, i) =>
      i < floors.length ? { ...figure, ratio: figure.value / floors[i]!.value, of: floors[i]!.name } : figure,
    ),
  ];
}
