import { VesaliusError } from "../common/errors.ts";
import type { ReportSection } from "./document.ts";

const imageUri = /^data:image\/(?:png|jpeg|webp);base64,[A-Za-z0-9+/]+={0,2}$/;

function fail(section: ReportSection, what: string, fix: string): never {
  const title = "title" in section && section.title !== undefined ? ` "${section.title}"` : "";
  throw new VesaliusError("bad-argument", what, { where: `report section ${section.kind}${title}`, fix });
}

function requireSameLengths(section: ReportSection, columns: readonly (readonly unknown[] | undefined)[]): void {
  const lengths = new Set(columns.flatMap((column) => (column === undefined ? [] : [column.length])));
  if (lengths.size > 1) {
    fail(section, `columns have ${[...lengths].join(" and ")} entries`, "pass columns of the same length");
  }
  if (lengths.has(0)) fail(section, "there is nothing to draw", "leave the section out");
}

/**
 * Checks that a section can be drawn as it is meant.
 *
 * @throws VesaliusError `bad-argument` for columns of unequal length, empty charts, values at or below zero on a
 * logarithmic axis, tables whose rows do not fit their columns, and pictures that are no embedded image.
 */
export function checkSection(section: ReportSection): void {
  switch (section.kind) {
    case "table":
      for (const row of section.rows) requireSameLengths(section, [section.columns, row]);
      return;
    case "roc":
      requireSameLengths(section, [section.curves]);
      for (const curve of section.curves)
        requireSameLengths(section, [curve.falsePositiveRate, curve.truePositiveRate]);
      return;
    case "precisionRecall":
      requireSameLengths(section, [section.curves]);
      for (const curve of section.curves) requireSameLengths(section, [curve.recall, curve.precision]);
      return;
    case "reliability":
      requireSameLengths(section, [section.bins]);
      return;
    case "forest":
    case "bars":
      requireSameLengths(section, [section.rows]);
      return;
    case "lines":
      requireSameLengths(section, [section.series]);
      for (const { x, y, lower, upper } of section.series) {
        requireSameLengths(section, [x, y, lower, upper]);
        if (section.xScale === "log" && x.some((value) => value <= 0)) {
          fail(section, "a logarithmic axis has no place for zero", "start x above 0, or use a linear axis");
        }
      }
      return;
    case "confusionMatrix":
      requireSameLengths(section, [section.classNames, section.counts, ...section.counts]);
      return;
    case "images":
      if (!Number.isInteger(section.columns) || section.columns < 1) {
        fail(section, `${section.columns} is no number of columns`, "use a whole number above 0");
      }
      if (!section.images.every(({ dataUri }) => imageUri.test(dataUri))) {
        fail(
          section,
          "a picture is no embedded image",
          "pass data:image/png;base64,... so that the report needs no other file",
        );
      }
      return;
    default:
  }
}
