import type { EducationResponse } from "./schemas.ts";

type Plain = NonNullable<EducationResponse["plain"]>;

const percent = (share: number): string => `${Math.round(100 * share)}%`;

function readabilityLine(label: string, { sentences, words, sentenceLength, ...indices }: Plain["before"]): string {
  const { fleschKincaidGrade, fleschReadingEase, colemanLiauIndex, note } = indices;
  const scores =
    fleschKincaidGrade === undefined
      ? (note ?? "")
      : `Flesch-Kincaid grade ${fleschKincaidGrade.toFixed(1)}, reading ease ${fleschReadingEase!.toFixed(0)}, Coleman-Liau ${colemanLiauIndex!.toFixed(1)}`;
  return `${label}: ${sentences} sentences of ${sentenceLength.toFixed(1)}, ${words} words or characters. ${scores}`;
}

function plainLines({ text, faithful, differences, before, after }: Plain): string[] {
  return [
    text,
    "",
    readabilityLine("before", before),
    readabilityLine("after", after),
    ...(faithful ? ["Numbers, units and negations are those of the source."] : []),
    ...differences.map(({ kind, change, what }) => `! ${kind} ${change}: ${what}`),
  ];
}

/** A response for somebody who reads it in a terminal. */
export function showEducation({ reason, answer, questions, plain, cautions, notice }: EducationResponse): string {
  const lines = reason === undefined ? [] : [`Declined. ${reason}`];
  if (answer !== undefined) {
    lines.push(`${String.fromCodePoint(65 + answer.choice)}. ${answer.text} (${percent(answer.probability)})`);
    for (const { text, title, source, date, url, document } of answer.rationale) {
      const place = [title, source, date, url ?? document].filter((part) => part !== undefined);
      lines.push(`"${text}"`, `  ${place.join(", ")}`);
    }
  }
  for (const [i, one] of (questions ?? []).entries()) lines.push(`${i + 1}. ${one.question}`, `   ${one.answer}`);
  if (plain !== undefined) lines.push(...plainLines(plain));
  return [...lines, ...cautions, "", notice].join("\n");
}
