import { z } from "zod";
import { captionedTable } from "../captions.ts";
import { formatCount, formatPercent } from "../format.ts";
import { html } from "../html.ts";
import { list, requireSameLengths, sectionKind, sectionSchema } from "../section-kind.ts";

/** Largest share of the shading colour behind a number, so that the number stays legible. */
const darkestShade = 0.55;

/** Beyond so many classes a confusion matrix needs the whole width. */
const classesInHalf = 4;

/** Confusion matrix, shaded by the share of the true class: row = true class, column = predicted class. */
export const confusionMatrix = sectionKind(
  sectionSchema("confusionMatrix", {
    title: z.string(),
    classNames: list(z.string()),
    counts: list(list(z.number())),
  }),
  {
    numbered: "Table",
    half: ({ classNames }) => classNames.length <= classesInHalf,
    check: (section) => requireSameLengths(section, [section.classNames, section.counts, ...section.counts]),
    html({ title, classNames, counts }, number) {
      const names = classNames.map((name) => html`<th scope="col">${name}</th>`);
      const rows = counts.map((row, i) => {
        const total = row.reduce((sum, count) => sum + count, 0);
        const cells = row.map((count) => {
          const share = total === 0 ? 0 : count / total;
          const shade = (darkestShade * share).toFixed(3);
          return html`<td style="--share: ${shade}">${formatCount(count)}<small>${formatPercent(share)}</small></td>`;
        });
        return html`<tr>
          <th scope="row">${classNames[i]}</th>
          ${cells}
        </tr>`;
      });
      const matrix = (labelledBy: string) =>
        html`<table class="matrix" aria-labelledby="${labelledBy}">
          <thead>
            <tr>
              <td></td>
              <th scope="colgroup" colspan="${classNames.length}">Predicted class</th>
            </tr>
            <tr>
              <th scope="col" class="axis">True class</th>
              ${names}
            </tr>
          </thead>
          <tbody>
            ${rows}
          </tbody>
        </table>`;
      const note = "Counts and share of the true class; shading follows the share.";
      return captionedTable(number, title, matrix, note);
    },
  },
);
