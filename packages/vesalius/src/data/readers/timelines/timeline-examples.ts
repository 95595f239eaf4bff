import { VesaliusError } from "../../../common/errors.ts";
import { classesColumn } from "../../columns/classes.ts";
import { codeKey, type MedicalCode, type TimelineRecord, timelinesColumn } from "../../columns/timelines.ts";
import { splitNamed } from "../../files/names.ts";
import { type ColumnMaker, dividedBySplit } from "../examples.ts";
import type { ReadData } from "../reader.ts";
import { type StatedEvent, type StatedPatient, tidyCautions, tidyPatients } from "./patients.ts";
import { type LeftOut, type Question, questionsOf } from "./predictions.ts";
import type { Predict } from "./settings.ts";

/** Numbers codes in the order in which they are met. */
function codeTable() {
  const places = new Map<string, number>();
  const codes: MedicalCode[] = [];
  return {
    codes,
    place: (code: MedicalCode): number => {
      const key = codeKey(code);
      const found = places.get(key);
      if (found !== undefined) return found;
      places.set(key, codes.length);
      return codes.push(code) - 1;
    },
  };
}

/** Events as a record on the timeline's own clock. */
function recordOf(
  { patient, end }: Pick<Question, "patient" | "end">,
  events: readonly StatedEvent[],
  place: (code: MedicalCode) => number,
): TimelineRecord {
  const { origin, birth } = patient;
  const visits = new Map<string, number>();
  return {
    events: events.map(({ time, code, visit, value, unit }) => {
      if (visit !== undefined && !visits.has(visit)) visits.set(visit, visits.size);
      return {
        code: place(code),
        time: time - origin,
        visit: visit === undefined ? -1 : visits.get(visit)!,
        ...(value === undefined ? {} : { value }),
        ...(unit === undefined || value === undefined ? {} : { unit }),
      };
    }),
    age: birth === undefined ? undefined : origin - birth,
    end: end === undefined ? undefined : end - origin,
  };
}

function leftCautions({ withoutAnswer, before, censored }: LeftOut, predict: Predict): string[] {
  const said = (count: number, text: string): string[] => (count === 0 ? [] : [`${count} ${text}`]);
  const nothing =
    predict.what === "next"
      ? `patients without an event of the category ${predict.category} are no example.`
      : "patients of whom no outcome is stated are no example.";
  return [
    ...said(withoutAnswer, nothing),
    ...said(before, "patients whose outcome came before the time of prediction are no example."),
    ...said(censored, "patients who are not seen until the end of the horizon are no example."),
  ];
}

/**
 * Splits of patients' timelines: the column `timeline` with what is known at the time of prediction, and what is predicted
 * in the column `next` (timelines) or `label` (classes `no` and `yes`). Patients are the groups.
 *
 * @throws VesaliusError `bad-data` where no patient is an example
 */
export async function timelineExamples(
  stated: readonly StatedPatient[],
  { predict, outsideLife }: { readonly predict: Predict; readonly outsideLife: "leaveOut" | "refuse" },
  where: string,
): Promise<ReadData> {
  const { patients, counts } = tidyPatients(stated, outsideLife, where);
  const { questions, left } = questionsOf(patients, predict);
  if (questions.length === 0)
    throw new VesaliusError(
      "bad-data",
      `none of ${patients.length} patients is an example of what is to be predicted`,
      {
        where,
        fix: (option) => `predict something that the records hold (${option("predict")})`,
      },
    );
  const { codes, place } = codeTable();
  const timelines = questions.map((question) => recordOf(question, question.events, place));
  const columns: Record<string, ColumnMaker> = {
    timeline: (rows) =>
      timelinesColumn(
        codes,
        rows.map((row) => timelines[row]!),
      ),
  };
  if (predict.what === "next") {
    const next = questions.map(({ patient, next = [] }) => recordOf({ patient }, next, place));
    columns["next"] = (rows) =>
      timelinesColumn(
        codes,
        rows.map((row) => next[row]!),
      );
  }
  if (predict.what === "outcome")
    columns["label"] = (rows) =>
      classesColumn(
        ["no", "yes"],
        rows.map((row) => Number(questions[row]!.outcome)),
      );
  const names = new Set(questions.flatMap(({ patient }) => Object.keys(patient.attributes)));
  const splits = await dividedBySplit(
    {
      splits: questions.map(({ patient }) => (patient.split === undefined ? "train" : splitNamed(patient.split))),
      ids: questions.map(({ patient, number }) => (number === 0 ? patient.id : `${patient.id}/${number}`)),
      groups: questions.map(({ patient }) => patient.group),
      attributes: Object.fromEntries(
        [...names].map((name) => [name, questions.map(({ patient }) => patient.attributes[name] ?? null)]),
      ),
      columns,
    },
    where,
  );
  const unit = questions.length > new Set(questions.map(({ patient }) => patient.id)).size ? "examples" : "patients";
  return { unit, splits, cautions: [...tidyCautions(counts), ...leftCautions(left, predict)] };
}
