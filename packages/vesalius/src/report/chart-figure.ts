import type { ChartRenderer } from "./charts/renderer.ts";
import { noteOf } from "./captions.ts";
import { html, type Html } from "./html.ts";
import type { ChartNumbers, Presentation } from "./section-kind.ts";
import { plainTable } from "./sections/table.ts";

/** The numbers behind a chart, folded away. `id` is the chart's, to keep ids unique in the page. */
const foldedNumbers = (numbers: ChartNumbers, id: string): Html =>
  html`<details>
    <summary id="${id}-numbers">Numbers</summary>
    <div class="scroll" role="region" aria-labelledby="${id}-numbers" tabindex="0">
      ${plainTable(numbers, `${id}-numbers`)}
    </div>
  </details>`;

/** A numbered chart: caption, legend, chart, note and the numbers behind it. */
export function chartFigure(
  title: string,
  { chart, legend, note, numbers }: Presentation,
  render: ChartRenderer,
  number: number,
): Html {
  const label = `Figure ${number}`;
  const id = `figure-${number}`;
  return html`<figure>
    <figcaption><span class="label">${label}.</span> ${title}</figcaption>
    ${legend}${render(chart, id, `${label}. ${title}`)} ${noteOf(note)}${numbers && foldedNumbers(numbers, id)}
  </figure>`;
}
