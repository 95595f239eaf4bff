import type { StatedEvent, TidyPatient } from "./patients.ts";
import type { Predict } from "./settings.ts";

/** What is asked of one patient at one time. All times are on the patient's clock. */
export interface Question {
  readonly patient: TidyPatient;
  /** Number among the questions about the patient. */
  readonly number: number;
  /** What is known: no event is later than `end`. */
  readonly events: readonly StatedEvent[];
  /** Time of the prediction; undefined where nothing is predicted. */
  readonly end?: number;
  /** Events that come next. */
  readonly next?: readonly StatedEvent[];
  readonly outcome?: boolean;
}

/** Why patients are no example. */
export interface LeftOut {
  /** Without an event of the category that comes next, or an outcome that is stated. */
  withoutAnswer: number;
  /** The outcome came before the time of prediction. */
  before: number;
  /** Not seen until the end of the horizon. */
  censored: number;
}

/** Questions about the days on which events of a category begin: everything before the day is known. */
function nextDays(patient: TidyPatient, { category, examples }: Extract<Predict, { what: "next" }>): Question[] {
  const days = new Map<number, StatedEvent[]>();
  for (const event of patient.events) {
    if (event.code.category !== category) continue;
    const day = Math.floor(event.time);
    days.set(day, [...(days.get(day) ?? []), event]);
  }
  const all = [...days].map(([day, next], number): Question => {
    const events = patient.events.filter(({ time }) => time < day);
    return { patient, number, events, end: day, next };
  });
  const each = examples === "each" || (examples === "eachInTraining" && (patient.split ?? "train") === "train");
  return each ? all : all.slice(-1).map((question) => ({ ...question, number: 0 }));
}

/** When the outcome happened: a time, true where only that is stated, undefined where it did not. */
function outcomeOf(
  { events, death, outcome }: TidyPatient,
  codes: readonly string[] | undefined,
): number | boolean | null {
  if (codes !== undefined) return events.find(({ code }) => codes.includes(code.code))?.time ?? false;
  return outcome === undefined ? (death ?? false) : outcome;
}

function outcomeQuestion(
  patient: TidyPatient,
  { at, horizon, codes, censored }: Extract<Predict, { what: "outcome" }>,
  left: LeftOut,
): Question[] {
  const end = patient.origin + at;
  const found = outcomeOf(patient, codes);
  if (found === null) {
    left.withoutAnswer++;
    return [];
  }
  if (typeof found === "number" && found <= end) {
    left.before++;
    return [];
  }
  const until = horizon === undefined ? Number.POSITIVE_INFINITY : end + horizon;
  const last = Math.max(patient.events.at(-1)?.time ?? end, patient.death ?? Number.NEGATIVE_INFINITY);
  const happened = typeof found === "number" ? found <= until : found;
  // A table that states the outcome has seen everybody until the end.
  const unseen =
    !happened && typeof patient.outcome !== "boolean" && (last <= end || (horizon !== undefined && last < until));
  if (unseen && censored === "leaveOut") {
    left.censored++;
    return [];
  }
  return [{ patient, number: 0, events: patient.events.filter(({ time }) => time <= end), end, outcome: happened }];
}

/** Questions about patients, with counts of those of whom nothing is asked. */
export function questionsOf(
  patients: readonly TidyPatient[],
  predict: Predict,
): { readonly questions: readonly Question[]; readonly left: LeftOut } {
  const left: LeftOut = { withoutAnswer: 0, before: 0, censored: 0 };
  const questions = patients.flatMap((patient): Question[] => {
    if (predict.what === "outcome") return outcomeQuestion(patient, predict, left);
    if (predict.what === "nothing") {
      const { at } = predict;
      const end = at === undefined ? patient.events.at(-1)?.time : patient.origin + at;
      const events = patient.events.filter(({ time }) => at === undefined || time <= patient.origin + at);
      return [{ patient, number: 0, events, ...(end === undefined ? {} : { end }) }];
    }
    const found = nextDays(patient, predict);
    if (found.length === 0) left.withoutAnswer++;
    return found;
  });
  return { questions, left };
}
