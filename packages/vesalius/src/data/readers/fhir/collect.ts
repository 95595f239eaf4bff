import { z } from "zod";
import type { StatedEvent, StatedPatient } from "../timelines/patients.ts";
import { daysOf } from "../timelines/dates.ts";
import { type ResourceEvent, eventOf, isWithdrawn } from "./events.ts";
import { isRead, type Read, resourceSchemas } from "./resources.ts";

const bundleSchema = z.object({
  resourceType: z.literal("Bundle"),
  entry: z
    .array(
      z.object({ fullUrl: z.string().optional(), resource: z.looseObject({ resourceType: z.string() }).optional() }),
    )
    .default([]),
});
const resourceSchema = z.looseObject({ resourceType: z.string(), id: z.string().optional() });

/** How much was not read, and why. */
interface Counts {
  readonly unused: Map<string, number>;
  readonly invalid: Map<string, number>;
  repeated: number;
  withdrawn: number;
  unresolved: number;
  undated: number;
  badDates: number;
  uncoded: number;
  badBirths: number;
}

interface FoundPatient {
  readonly resource: Read<"Patient">;
  readonly id: string;
  readonly split: string | undefined;
  readonly events: StatedEvent[];
}

const add = (counts: Map<string, number>, key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1);

/** The last two parts of a reference to a server: `Patient/7` of `https://example.org/fhir/Patient/7/_history/2`. */
const relative = (reference: string): string =>
  /([A-Za-z]+\/[A-Za-z0-9\-.]{1,64})(?:\/_history\/[^/]+)?$/.exec(reference)?.[1] ?? reference;

/**
 * Collects the resources of bundles and bulk files, in any order, and puts together what they say of each patient.
 * Nothing of what a resource holds is kept but its events.
 */
export class FhirCollector {
  readonly #patients = new Map<string, FoundPatient>();
  /** Key of a resource by everything that it may be referred to by. */
  readonly #names = new Map<string, string>();
  readonly #seen = new Set<string>();
  readonly #events: ResourceEvent[] = [];
  readonly #counts: Counts = {
    unused: new Map(),
    invalid: new Map(),
    repeated: 0,
    withdrawn: 0,
    unresolved: 0,
    undated: 0,
    badDates: 0,
    uncoded: 0,
    badBirths: 0,
  };

  /**
   * Adds a bundle or a resource.
   *
   * @returns whether it is one
   */
  add(value: unknown, split: string | undefined): boolean {
    const bundle = bundleSchema.safeParse(value);
    if (bundle.success) {
      for (const { fullUrl, resource } of bundle.data.entry)
        if (resource === undefined) add(this.#counts.unused, "entries without a resource");
        else if (!this.add(resource, split)) return false;
        else if (fullUrl !== undefined && typeof resource["id"] === "string")
          this.#names.set(fullUrl, `${resource.resourceType}/${resource["id"]}`);
      return true;
    }
    const resource = resourceSchema.safeParse(value);
    if (!resource.success || resource.data.resourceType === "Bundle") return false;
    this.#addResource(resource.data.resourceType, resource.data, split);
    return true;
  }

  #addResource(type: string, value: { readonly id?: string | undefined }, split: string | undefined): void {
    const counts = this.#counts;
    if (!isRead(type)) return add(counts.unused, type);
    const key = value.id === undefined ? undefined : `${type}/${value.id}`;
    if (key !== undefined && this.#seen.has(key)) {
      counts.repeated++;
      return;
    }
    const read = resourceSchemas[type].safeParse(value);
    if (!read.success || (type === "Patient" && key === undefined)) return add(counts.invalid, type);
    if (key !== undefined) this.#seen.add(key);
    if (type === "Patient") {
      this.#patients.set(key!, { resource: read.data, id: value.id!, split, events: [] });
      return;
    }
    if (isWithdrawn(read.data)) {
      counts.withdrawn++;
      return;
    }
    this.#events.push(eventOf(type, read.data as never));
  }

  #keyOf(reference: string): string {
    return this.#names.get(reference) ?? relative(reference);
  }

  /** The patients that were found, once everything was added. */
  patients(): readonly StatedPatient[] {
    const counts = this.#counts;
    for (const { patient, visit, date, codes } of this.#events) {
      const found = patient === undefined ? undefined : this.#patients.get(this.#keyOf(patient));
      const time = date === undefined ? undefined : daysOf(date);
      if (found === undefined) counts.unresolved++;
      else if (codes.length === 0) counts.uncoded++;
      else if (date === undefined) counts.undated++;
      else if (time === undefined) counts.badDates++;
      else {
        const at = visit === undefined ? undefined : this.#keyOf(visit);
        if (at !== undefined && !this.#seen.has(at)) counts.unresolved++;
        found.events.push(...codes.map((code): StatedEvent => ({ ...code, time, visit: at })));
      }
    }
    return [...this.#patients.values()].map(({ id, split, resource, events }): StatedPatient => {
      const dated = (text: string | undefined): number | undefined => {
        const days = text === undefined ? undefined : daysOf(text);
        if (text !== undefined && days === undefined) counts.badBirths++;
        return days;
      };
      const [birth, death] = [dated(resource.birthDate), dated(resource.deceasedDateTime)];
      return { id, group: id, split, birth, death, events, attributes: { sex: resource.gender ?? null } };
    });
  }

  /** What was not read, for the card of a dataset; complete once the patients were asked for. */
  cautions(): string[] {
    const { unused, invalid, repeated, withdrawn, unresolved, undated, badDates, uncoded, badBirths } = this.#counts;
    const listed = (counts: ReadonlyMap<string, number>): string =>
      [...counts]
        .sort(([, m], [, n]) => n - m)
        .map(([type, count]) => `${type} (${count})`)
        .join(", ");
    const said = (count: number, text: string): string[] => (count === 0 ? [] : [`${count} ${text}`]);
    return [
      ...(unused.size === 0 ? [] : [`Resources of types that are not read: ${listed(unused)}.`]),
      ...(invalid.size === 0 ? [] : [`Resources that are no valid FHIR R4 and were left out: ${listed(invalid)}.`]),
      ...said(repeated, "resources occur twice and were read once."),
      ...said(withdrawn, "resources that were withdrawn, or say that something was not done, were left out."),
      ...said(unresolved, "references lead to no resource of the files; events without a patient were left out."),
      ...said(undated, "resources without a date were left out."),
      ...said(badDates, "resources with a date that is none were left out."),
      ...said(uncoded, "resources without a code were left out."),
      ...said(badBirths, "dates of birth or death are none and count as not known."),
    ];
  }
}
