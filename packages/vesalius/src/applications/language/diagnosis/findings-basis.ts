import { nearest } from "../../../common/edit-distance.ts";
import { VesaliusError } from "../../../common/errors.ts";
import type { CheckedRequest, DiagnosisBasis } from "./basis.ts";
import { rankConditions } from "./evidence.ts";
import type { FindingsModel } from "./findings-model.ts";
import { type Mention, readMentions, type Synonyms } from "./mentions.ts";
import { rankQuestions } from "./questions.ts";

/** A question that is expected to tell less than this, in bits, is not asked. */
const leastGain = 0.01;
/** Findings that are named as missing. */
const mostMissing = 5;

type Understood = Omit<Mention, "turn"> & { readonly turn?: number };

/** The finding that a name stands for: itself or one of its synonyms. */
function findingNamed(name: string, findings: readonly string[], synonyms: Synonyms): string {
  const same = (word: string): boolean => word.toLowerCase() === name.toLowerCase();
  const found = findings.find((finding) => same(finding) || (synonyms[finding] ?? []).some(same));
  if (found !== undefined) return found;
  const near = nearest(name, [...findings, ...Object.values(synonyms).flat()]);
  throw new VesaliusError("bad-argument", "the model knows no finding of this name", {
    where: name,
    fix: near === undefined ? `it knows ${findings.join(", ")}` : `did you mean ${near}?`,
  });
}

/** Findings of the list, and of the conversation where the list does not say them. */
function understand(request: CheckedRequest, findings: readonly string[], synonyms: Synonyms): Understood[] {
  const stated = new Map<string, Understood>();
  for (const { name: given, state } of request.findings) {
    const name = findingNamed(given, findings, synonyms);
    if (stated.has(name) && stated.get(name)!.state !== state)
      throw new VesaliusError("bad-argument", "a finding is listed twice, in different states", {
        where: name,
        fix: "state it once",
      });
    stated.set(name, { name, state });
  }
  const read = readMentions(request.dialogue, findings, synonyms).filter(({ name }) => !stated.has(name));
  return [...stated.values(), ...read];
}

/** A question for a finding in the script of its name. */
const questionFor = (finding: string): string =>
  /\p{Script=Han}/u.test(finding) ? `有没有${finding}？` : `Is there ${finding}?`;

/**
 * Diagnosis from findings that are present, absent or unknown, as they are listed or read from a conversation: evidence by
 * leaving each finding out, the next question by expected information.
 *
 * @param synonyms other words for findings, by the finding's name
 * @throws VesaliusError `bad-argument` for synonyms of a finding that the model does not know
 */
export function fromFindings(model: FindingsModel, synonyms: Synonyms = {}): DiagnosisBasis {
  for (const name of Object.keys(synonyms)) findingNamed(name, model.findings, {});
  return {
    kind: "findings",
    async assess(request, most) {
      if (request.timeline !== undefined)
        throw new VesaliusError("bad-argument", "the model reads findings, and the request has a timeline", {
          where: "timeline",
          fix: "name a model of timelines, or give findings",
        });
      const findings = understand(request, model.findings, synonyms);
      const certain = findings.filter(({ state }) => state !== "unknown");
      const known = new Map(certain.map(({ name, state }) => [name, state === "present"]));
      const [now, ...without] = await model.probabilities([
        known,
        ...certain.map(({ name }) => new Map([...known].filter(([other]) => other !== name))),
      ]);
      const asked = new Set([
        ...findings.map(({ name }) => name),
        ...request.dialogue.flatMap(({ asks }) => asks ?? []),
      ]);
      const questions = (await rankQuestions(model, known, now!, asked)).filter(({ gain }) => gain >= leastGain);
      const [best] = questions;
      return {
        conditions: rankConditions(
          model.conditions,
          now!,
          certain.map((part, i) => ({ part, probabilities: without[i]! })),
          most,
        ),
        findings,
        missing: questions.slice(0, mostMissing).map(({ finding }) => finding),
        ...(best === undefined ? {} : { question: { ...best, text: questionFor(best.finding) } }),
        cautions:
          certain.length === 0 ? ["No finding is known: the probabilities are those of the training data."] : [],
      };
    },
    release: () => model.release(),
  };
}
