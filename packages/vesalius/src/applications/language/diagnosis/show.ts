import type { DiagnosisResponse, Evidence } from "./schemas.ts";

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)}%`;

const partOf = ({ name, state, weight, from, to }: Evidence): string => {
  const when = from === undefined ? "" : from === to ? `, day ${from}` : `, days ${from} to ${to}`;
  return `${state === "absent" ? "no " : ""}${name} (${weight > 0 ? "+" : ""}${weight.toFixed(2)}${when})`;
};

/** Parts of the evidence that are shown. */
const shown = 4;

const listed = (label: string, evidence: readonly Evidence[]): string[] =>
  evidence.length === 0 ? [] : [`    ${label}: ${evidence.slice(0, shown).map(partOf).join("; ")}`];

/** A response for somebody who reads it in a terminal. */
export function show(response: DiagnosisResponse): string {
  const { conditions, emergencies, reason, question, findings, cautions, notice } = response;
  const lines = [...new Set(emergencies.map((one) => `! ${one.notice}`))];
  if (lines.length > 0) lines.push("");
  if (reason !== undefined) lines.push(`Declined. ${reason}`, "");
  if (findings.length > 0)
    lines.push(`Understood: ${findings.map(({ name, state }) => `${name} ${state}`).join(", ")}`, "");
  for (const condition of conditions) {
    lines.push(`${percent(condition.probability).padStart(5)}  ${condition.name}`);
    lines.push(...listed("for", condition.for), ...listed("against", condition.against));
    const course = condition.course ?? [];
    if (course.length > 1)
      lines.push(
        `    over time: ${course
          .slice(-shown)
          .map(({ time, probability }) => `day ${time} ${percent(probability)}`)
          .join(", ")}`,
      );
  }
  if (question !== undefined) lines.push("", `Ask next: ${question.text} (${question.gain.toFixed(2)} bits expected)`);
  if (cautions.length > 0) lines.push("", ...cautions);
  lines.push("", notice);
  return lines.join("\n");
}
