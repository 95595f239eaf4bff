import { VesaliusError } from "../../../common/errors.ts";
import { codeKey, type MedicalCode } from "../../columns/timelines.ts";

/** An event as a file states it. */
export interface StatedEvent {
  /** Days on the patient's clock: since 1970 for dates, since admission for a stay. */
  readonly time: number;
  readonly code: MedicalCode;
  readonly visit?: string | undefined;
  readonly value?: number | undefined;
  readonly unit?: string | undefined;
}

/** A patient, or a stay, as files state it. */
export interface StatedPatient {
  readonly id: string;
  /** What may not be in two splits: the person. */
  readonly group: string;
  readonly split?: string | undefined;
  /** On the clock of the events, as all times. */
  readonly birth?: number | undefined;
  readonly death?: number | undefined;
  /** Time 0 of the timeline; the first event without it. */
  readonly origin?: number | undefined;
  readonly events: readonly StatedEvent[];
  /** Whether the outcome that a table states happened; null where it does not say. */
  readonly outcome?: boolean | null | undefined;
  readonly attributes: Readonly<Record<string, string | number | null>>;
}

/** A patient with events in order and inside life. */
export interface TidyPatient extends StatedPatient {
  readonly origin: number;
}

/** How much was put in order or left out. */
export interface TidyCounts {
  outOfOrder: number;
  repeated: number;
  beforeBirth: number;
  afterDeath: number;
}

/** Events that are stated for a day only lie before a time on it. */
const tolerance = 1;

/** Events earlier than the one of their category that is stated before them. */
function outOfOrder(events: readonly StatedEvent[]): number {
  const last = new Map<string, number>();
  let count = 0;
  for (const { time, code } of events) {
    if (time < (last.get(code.category) ?? Number.NEGATIVE_INFINITY)) count++;
    last.set(code.category, time);
  }
  return count;
}

/**
 * Puts the events of patients in order, once each and inside life, and counts what changed.
 *
 * @throws VesaliusError `bad-data` for events outside life where these are refused
 */
export function tidyPatients(
  patients: readonly StatedPatient[],
  outsideLife: "leaveOut" | "refuse",
  where: string,
): { readonly patients: readonly TidyPatient[]; readonly counts: TidyCounts } {
  const counts: TidyCounts = { outOfOrder: 0, repeated: 0, beforeBirth: 0, afterDeath: 0 };
  const tidied = patients.map((patient): TidyPatient => {
    const { birth = Number.NEGATIVE_INFINITY, death = Number.POSITIVE_INFINITY } = patient;
    counts.outOfOrder += outOfOrder(patient.events);
    const seen = new Set<string>();
    const kept = patient.events.filter((event) => {
      if (event.time < birth - tolerance) counts.beforeBirth++;
      else if (event.time > death + tolerance) counts.afterDeath++;
      else {
        const key = JSON.stringify([codeKey(event.code), event.time, event.visit, event.value]);
        if (!seen.has(key)) return seen.add(key);
        counts.repeated++;
      }
      return false;
    });
    // The sort is stable: events of one time stay in the order that they are stated in.
    const events = kept.sort((a, b) => a.time - b.time);
    return { ...patient, events, origin: patient.origin ?? events[0]?.time ?? 0 };
  });
  const outside = counts.beforeBirth + counts.afterDeath;
  if (outside > 0 && outsideLife === "refuse")
    throw new VesaliusError(
      "bad-data",
      `${counts.beforeBirth} events lie before a birth and ${counts.afterDeath} after a death`,
      {
        where,
        fix: (option) => `correct the dates, or leave these events out with ${option("outsideLife", "leaveOut")}`,
      },
    );
  return { patients: tidied, counts };
}

/** What was changed, for the card of a dataset. */
export function tidyCautions({ outOfOrder: order, repeated, beforeBirth, afterDeath }: TidyCounts): string[] {
  const said = (count: number, text: string): string[] => (count === 0 ? [] : [`${count} ${text}`]);
  return [
    ...said(order, "events are stated after later ones; they were put in the order of time."),
    ...said(repeated, "events are stated twice and were read once."),
    ...said(beforeBirth, "events before the patient's birth were left out."),
    ...said(afterDeath, "events more than a day after the patient's death were left out."),
  ];
}
