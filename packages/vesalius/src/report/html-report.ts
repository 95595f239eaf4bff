import { chartFigure, isChart } from "./chart-sections.ts";
import { loadChartRenderer, type ChartRenderer } from "./charts/renderer.ts";
import { researchUseNotice, type ReportDocument, type ReportSection } from "./document.ts";
import { html, Html } from "./html.ts";
import { checkSection } from "./section-checks.ts";
import { confusionMatrix, heading, headline, images, keyValues, table, text } from "./sections.ts";
import { styleSheet } from "./style.ts";

/** Beyond so many classes a confusion matrix needs the whole width. */
const classesInHalf = 4;

function isHalf(section: ReportSection): boolean {
  if (section.width !== undefined) return section.width === "half";
  if (section.kind === "confusionMatrix") return section.classNames.length <= classesInHalf;
  return isChart(section) || section.kind === "keyValues";
}

/** Counts figures and tables, as a paper does. */
class Numbering {
  #figures = 0;
  #tables = 0;
  nextFigure(): number {
    return (this.#figures += 1);
  }
  nextTable(): number {
    return (this.#tables += 1);
  }
}

function renderSection(section: ReportSection, numbering: Numbering, render: ChartRenderer | undefined): Html {
  switch (section.kind) {
    case "heading":
      return heading(section);
    case "text":
      return text(section);
    case "headline":
      return headline(section);
    case "keyValues":
      return keyValues(section);
    case "table":
      return table(section, numbering.nextTable());
    case "confusionMatrix":
      return confusionMatrix(section, numbering.nextTable());
    case "images":
      return images(section, numbering.nextFigure());
    default:
      return chartFigure(section, render!, numbering.nextFigure());
  }
}

/**
 * Writes a report as one HTML file: nothing is fetched and no script runs, it reads on a phone and prints on A4, follows
 * light and dark, and its charts have titles, descriptions and their numbers beside them. All text is escaped. The same
 * document gives the same bytes. Every report carries the research-use notice.
 *
 * @throws VesaliusError `missing-dependency` where the document has charts and echarts is not installed; `bad-argument`
 * for a section that cannot be drawn.
 *
 * @example
 * await htmlReport({ title: "Pneumonia on chest radiographs", sections: classificationSections(report) });
 */
export async function htmlReport({ title, subtitle, notice, sections }: ReportDocument): Promise<string> {
  for (const section of sections) checkSection(section);
  const render = sections.some(isChart) ? await loadChartRenderer() : undefined;
  const numbering = new Numbering();
  const parts = sections.map((section) => {
    const content = renderSection(section, numbering, render);
    return html`<section class="${isHalf(section) ? "half" : "full"}">${content}</section> `;
  });
  // The policy makes the browser itself refuse scripts and anything outside the file.
  const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <title>${title}</title>
        <style>
          ${new Html(styleSheet)}
        </style>
      </head>
      <body>
        <main>
          <header>
            <h1>${title}</h1>
            ${subtitle === undefined ? undefined : html`<p class="subtitle">${subtitle}</p>`}
            <aside class="notice" role="note">
              <p>${researchUseNotice}</p>
              ${notice === undefined ? undefined : html`<p>${notice}</p>`}
            </aside>
          </header>
          <div class="sections">${parts}</div>
        </main>
      </body>
    </html>`;
  return `${page.text}\n`;
}
