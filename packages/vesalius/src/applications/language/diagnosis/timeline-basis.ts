import { VesaliusError } from "../../../common/errors.ts";
import { codeKey, type MedicalCode, type Split, timelinesColumn } from "../../../data/index.ts";
import type { ClassificationAnswer } from "../../../evaluation/index.ts";
import { type CodesAnswer, type Model, roleParts } from "../../../tasks/index.ts";
import { influenceOfEvents } from "../../../trust/index.ts";
import { askedSplit } from "../../asked-split.ts";
import type { CheckedRequest, DiagnosisBasis } from "./basis.ts";
import { logOdds, rankConditions } from "./evidence.ts";
import type { Condition, Evidence } from "./schemas.ts";

type Answer = ClassificationAnswer | CodesAnswer;
type Timeline = NonNullable<CheckedRequest["timeline"]>;

/** Days with events at which the course is computed, the last ones. */
const mostDays = 24;
/** Parts of a record that are left out in turn, those with the latest events. */
const mostParts = 60;
const leastWeight = 0.01;

const nameOf = ({ name, code }: MedicalCode): string => name ?? code;

/** Conditions that a model of timelines tells: classes, or codes that come next. */
function conditionsOf({ task }: Model<Answer>): readonly string[] {
  if (task.name === "nextCodes") return (task.settings["codes"] as readonly MedicalCode[]).map(nameOf);
  return task.classes!.names;
}

/** @throws VesaliusError `bad-argument` naming the first event out of order */
function checkOrder({ events }: Timeline): void {
  const wrong = events.findIndex(({ time }, i) => i > 0 && time < events[i - 1]!.time);
  if (wrong < 0) return;
  throw new VesaliusError("bad-argument", "the events are not in the order of time", {
    where: `timeline.events.${wrong}`,
    fix: "sort them by time",
  });
}

/** The record as known on each of some days, and the codes of its events. */
function recordsOf({ events, age }: Timeline, days: readonly number[]) {
  const codes = new Map<string, { readonly at: number; readonly code: MedicalCode }>();
  const coded = events.map(({ category, system, code, name, time, visit, value, unit }) => {
    const key = codeKey({ category, system, code });
    const known = codes.get(key) ?? { at: codes.size, code: { category, system, code, name } };
    codes.set(key, known);
    return {
      code: known.at,
      time,
      visit: visit ?? -1,
      ...(value === undefined ? {} : { value }),
      ...(unit === undefined ? {} : { unit }),
    };
  });
  const records = days.map((end) => ({ events: coded.filter(({ time }) => time <= end), age, end }));
  return { codes: [...codes.values()].map(({ code }) => code), records };
}

/**
 * Risk or next conditions from a patient's timeline: probability of each condition as it was known day by day, and the
 * visits that drive it, by leaving each out.
 *
 * @param model of the task nextCodes or classification that reads timelines
 * @throws VesaliusError `bad-argument` for a model that reads anything else
 */
export function fromTimeline(model: Model<Answer>): DiagnosisBasis {
  const parts = Object.values(roleParts(model.backbone));
  const [part] = parts;
  if (parts.length !== 1 || part!.encoder.name !== "timelineTokens")
    throw new VesaliusError("bad-argument", "the model reads something else than a timeline", {
      where: "model",
      fix: "name a model that reads one column of timelines",
    });
  const column = part!.columns[0]!;
  const { vocabulary = [] } = part!.encoder as { vocabulary?: readonly string[] };
  const readable = new Set(vocabulary);
  const names = conditionsOf(model);

  async function drivers(split: Split, row: number, condition: number): Promise<Evidence[]> {
    const { parts: found } = await influenceOfEvents(model, split, row, {
      column,
      score: ({ probabilities }) => logOdds(probabilities[condition]!),
      most: mostParts,
    });
    return found.map(({ codes, from, to, change }) => ({
      name: codes.map(nameOf).join(", "),
      weight: change,
      from,
      to,
    }));
  }

  return {
    kind: "timeline",
    async assess({ timeline, dialogue, findings }, most) {
      if (timeline === undefined || dialogue.length > 0 || findings.length > 0)
        throw new VesaliusError("bad-argument", "the model reads a timeline and nothing else", {
          where: timeline === undefined ? "timeline" : dialogue.length > 0 ? "dialogue" : "findings",
          fix: "give the patient's timeline alone, or name a model of findings",
        });
      checkOrder(timeline);
      const days = [...new Set(timeline.events.map(({ time }) => time))].slice(-mostDays);
      const { codes, records } = recordsOf(timeline, days);
      const split = askedSplit("patient", { [column]: timelinesColumn(codes, records) });
      const course: ArrayLike<number>[] = [];
      for await (const { answer } of model.predict(split)) course.push(answer!.probabilities);
      const ranked = rankConditions(names, course.at(-1)!, [], most);
      const conditions: Condition[] = [];
      for (const condition of ranked) {
        const at = names.indexOf(condition.name);
        const evidence = await drivers(split, records.length - 1, at);
        conditions.push({
          ...condition,
          for: evidence.filter(({ weight }) => weight >= leastWeight),
          against: evidence.filter(({ weight }) => weight <= -leastWeight),
          course: days.map((time, i) => ({ time, probability: course[i]![at]! })),
        });
      }
      const unread = timeline.events.filter((event) => readable.size > 0 && !readable.has(codeKey(event))).length;
      return {
        conditions,
        findings: [],
        missing: [],
        cautions:
          unread === 0
            ? []
            : [`${unread} of ${timeline.events.length} events have codes that the model does not know.`],
      };
    },
    release: () => model.release(),
  };
}
