import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { expressions, type ExpressionsColumn } from "../columns/expressions.ts";
import type { DatasetCard } from "../dataset-card.ts";
import { bareName } from "../files/names.ts";
import { dividedBySplit } from "./examples.ts";
import type { ReadData } from "./reader.ts";
import { attributesOf } from "./records/attributes.ts";
import { declaredClassesOf } from "./records/declared-classes.ts";
import { refusePersonal } from "./records/groups.ts";
import { fieldNamed, type Records } from "./records/records.ts";
import { groupedBy, roleSettings, rolesOf } from "./records/roles.ts";

/** Settings of every reader of cells. */
export const cellSettings = {
  splitColumn: roleSettings.splitColumn,
  groupColumn: roleSettings.groupColumn,
  attributes: roleSettings.attributes,
  /** Annotation that becomes the column `label`; `cell_type` and the like are found without it. */
  labelColumn: z.string().min(1).optional(),
  /** Names by class index; those that occur without it. */
  labels: z.array(z.string().min(1)).min(1).optional(),
};

/** Settings of every reader of cells, defaults filled in. */
export type CellSettings = z.output<z.ZodObject<typeof cellSettings>>;

const LABELS = ["celltype", "celltypes", "celllabel", "annotation", "label"];

/** Names made unique as scanpy does: the second `X` becomes `X-1`. */
export function uniqueGenes(names: readonly string[]): { readonly genes: string[]; readonly repeated: number } {
  const taken = new Set(names);
  // Number to try next, by name: one that occurs often would else be counted from 1 each time.
  const next = new Map<string, number>();
  let repeated = 0;
  const genes = names.map((name) => {
    let number = next.get(name);
    if (number === undefined) {
      next.set(name, 1);
      return name;
    }
    repeated++;
    while (taken.has(`${name}-${number}`)) number++;
    taken.add(`${name}-${number}`);
    next.set(name, number + 1);
    return `${name}-${number}`;
  });
  return { genes, repeated };
}

/**
 * Splits of cells: the columns `expression` and, where there is an annotation, `label`. Other annotations are attributes.
 *
 * @param cells expression of every cell
 * @param barcodes identifier of every cell
 * @param annotations of every cell, in the same order
 */
export async function cellData(
  cells: ExpressionsColumn,
  barcodes: readonly string[],
  annotations: Records,
  settings: CellSettings,
  { card, where }: { readonly card: DatasetCard; readonly where: string },
): Promise<ReadData> {
  if (cells.length === 0 || cells.genes.length === 0)
    throw new VesaliusError("bad-data", `the matrix has ${cells.length} cells and ${cells.genes.length} genes`, {
      where,
    });
  const roles = rolesOf(annotations, settings, card);
  const fields = [...annotations.fields.keys()];
  const labelField =
    settings.labelColumn === undefined
      ? fields.find(
          (field) => LABELS.includes(bareName(field)) && annotations.fields.get(field)!.some((cell) => cell !== null),
        )
      : fieldNamed(annotations, settings.labelColumn);
  if (labelField !== undefined) refusePersonal(labelField, "the label");
  const label =
    labelField === undefined
      ? undefined
      : declaredClassesOf({ records: annotations, splits: roles.splits, card }, labelField, settings.labels);
  const rest = fields.filter((field) => !roles.used.has(field) && field !== labelField && field !== roles.groupField);
  const { attributes, leftOut } = attributesOf(annotations, settings.attributes, rest);
  const splits = await dividedBySplit(
    {
      splits: roles.splits,
      ids: barcodes,
      groups: roles.groups,
      attributes,
      columns: {
        expression: (rows) => expressions.take(cells, rows),
        ...(label === undefined ? {} : { label: label.make }),
      },
    },
    where,
  );
  const cautions = [
    ...annotations.cautions,
    ...roles.cautions,
    ...(label?.cautions ?? []),
    ...(leftOut.length === 0 ? [] : [`Nothing was read from the annotations ${leftOut.join(", ")}.`]),
  ];
  return { unit: "cells", splits, cautions, ...groupedBy(roles) };
}
