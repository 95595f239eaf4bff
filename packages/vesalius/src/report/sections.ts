import type {
  ConfusionMatrixSection,
  HeadingSection,
  HeadlineSection,
  ImagesSection,
  KeyValuesSection,
  TableCell,
  TableSection,
  TextSection,
} from "./document.ts";
import { formatCount, formatInterval, formatNumber, formatPercent } from "./format.ts";
import { html, type Html, type HtmlValue } from "./html.ts";

/** Largest share of the shading colour behind a number, so that the number stays legible. */
const darkestShade = 0.55;

const noteOf = (note: string | undefined): HtmlValue =>
  note === undefined ? undefined : html`<p class="note">${note}</p>`;

/**
 * A table under its caption. The caption stays in place while a wide table is scrolled sideways, by finger or by
 * keyboard, so that no table widens a phone's page.
 */
function captioned(number: number, title: string, table: (labelledBy: string) => Html, note: HtmlValue): Html {
  const id = `table-${number}-caption`;
  return html`<figure>
    <figcaption id="${id}"><span class="label">Table ${number}.</span> ${title}</figcaption>
    <div class="scroll" role="region" aria-labelledby="${id}" tabindex="0">${table(id)}</div>
    ${note}
  </figure>`;
}

/** The start of a part. */
export const heading = ({ title, text }: HeadingSection): Html =>
  html`<header>
    <h2>${title}</h2>
    ${text === undefined ? undefined : html`<p>${text}</p>`}
  </header>`;

/** Paragraphs under an optional title. */
export const text = ({ title, paragraphs }: TextSection): Html =>
  html`<div>
    ${title === undefined ? undefined : html`<h3>${title}</h3>`}${paragraphs.map((paragraph) => html`<p>${paragraph}</p>`)}
  </div>`;

/** Large figures with interval and comparison. */
export function headline({ figures }: HeadlineSection): Html {
  const entries = figures.map(({ label, figure, comparison, unit, decimals = 3 }) => {
    const { value, lower, upper, reason } = figure;
    const details: HtmlValue[] = [];
    if (lower !== null && upper !== null) {
      details.push(html`<dd class="detail">95% CI ${formatInterval(lower, upper, decimals)}</dd>`);
    }
    if (reason !== undefined) details.push(html`<dd class="detail muted">${reason}</dd>`);
    if (comparison !== undefined) {
      details.push(html`<dd class="detail muted">${comparison.label} ${formatNumber(comparison.value, decimals)}</dd>`);
    }
    const shown = value === null ? "not defined" : formatNumber(value, decimals);
    const after = unit === undefined || value === null ? undefined : html`<span class="unit">${unit}</span>`;
    return html`<div>
      <dt>${label}</dt>
      <dd class="value">${shown}${after}</dd>
      ${details}
    </div>`;
  });
  return html`<dl class="headline">${entries}</dl>`;
}

/** Names with values. */
export const keyValues = ({ title, entries }: KeyValuesSection): Html =>
  html`<div>
    <h3>${title}</h3>
    <dl class="pairs">
      ${entries.map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd>${value}</dd>`,
      )}
    </dl>
  </div>`;

/** A figure above its interval, or above the reason why it is not defined, to keep tables narrow. */
function cellContent(cell: TableCell): HtmlValue {
  if (typeof cell === "string") return cell;
  const { value, lower, upper, reason } = cell;
  const interval = lower === null || upper === null ? reason : formatInterval(lower, upper, 2);
  return [formatNumber(value ?? NaN, 2), interval === undefined ? undefined : html`<small>${interval}</small>`];
}

/** Rows and columns, for tables of their own and for the numbers of a chart. */
function plainTable({ columns, rows }: Pick<TableSection, "columns" | "rows">, labelledBy: string): Html {
  const side = (column: number) => columns[column]?.align ?? "left";
  const head = columns.map(({ label }, i) => html`<th scope="col" class="${side(i)}">${label}</th>`);
  const body = rows.map((row) => {
    const cells = row.map((cell, i) =>
      i === 0
        ? html`<th scope="row">${cellContent(cell)}</th>`
        : html`<td class="${side(i)}">${cellContent(cell)}</td>`,
    );
    return html`<tr>
      ${cells}
    </tr>`;
  });
  return html`<table aria-labelledby="${labelledBy}">
    <thead>
      <tr>
        ${head}
      </tr>
    </thead>
    <tbody>
      ${body}
    </tbody>
  </table>`;
}

/** A numbered table. */
export const table = (section: TableSection, number: number): Html =>
  captioned(number, section.title, (id) => plainTable(section, id), noteOf(section.note));

/** A confusion matrix with counts and shares of the true class. */
export function confusionMatrix({ title, classNames, counts }: ConfusionMatrixSection, number: number): Html {
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
  return captioned(number, title, matrix, noteOf("Counts and share of the true class; shading follows the share."));
}

/** A grid of pictures. */
export function images({ title, columns, images, note }: ImagesSection, number: number): Html {
  const pictures = images.map(({ dataUri, description, caption }) => {
    const words = caption === undefined ? undefined : html`<figcaption>${caption}</figcaption>`;
    return html`<figure><img src="${dataUri}" alt="${description}" />${words}</figure>`;
  });
  return html`<figure>
    <figcaption><span class="label">Figure ${number}.</span> ${title}</figcaption>
    <div class="images" style="--columns: ${columns}">${pictures}</div>
    ${noteOf(note)}
  </figure>`;
}

/** The numbers behind a chart, folded away. `id` is the chart's, to keep ids unique in the page. */
export const chartNumbers = (numbers: Pick<TableSection, "columns" | "rows">, id: string): Html =>
  html`<details>
    <summary id="${id}-numbers">Numbers</summary>
    <div class="scroll" role="region" aria-labelledby="${id}-numbers" tabindex="0">
      ${plainTable(numbers, `${id}-numbers`)}
    </div>
  </details>`;
