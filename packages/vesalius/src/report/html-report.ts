import { chartFigure } from "./chart-figure.ts";
import { loadChartRenderer, type ChartRenderer } from "./charts/renderer.ts";
import { researchUseNotice, type ReportDocument } from "./document.ts";
import { html, Html } from "./html.ts";
import { failSection, type SectionKind } from "./section-kind.ts";
import { kindOf, type ReportSection } from "./sections/index.ts";
import { styleSheet } from "./style.ts";

/** A section with its kind; the kind's own type of section is the section's by construction. */
interface Known {
  readonly section: ReportSection;
  readonly kind: SectionKind;
}

function recognise(section: ReportSection): Known {
  const kind = kindOf(section);
  if (kind === undefined) return failSection(section, "there is no such kind of section", "write one that is listed");
  kind.check?.(section);
  return { section, kind };
}

function isHalf({ section, kind }: Known): boolean {
  if (section.width !== undefined) return section.width === "half";
  return kind.half?.(section) ?? kind.chart !== undefined;
}

/** Draws one section after the other, counting figures and tables as a paper does. */
function drawAll(known: readonly Known[], render: ChartRenderer | undefined): Html[] {
  const counts = { Figure: 0, Table: 0 };
  return known.map(({ section, kind }) => {
    const number = kind.numbered === undefined ? 0 : (counts[kind.numbered] += 1);
    if (kind.chart === undefined) return kind.html!(section, number);
    const title = "title" in section ? (section.title ?? "") : "";
    return chartFigure(title, kind.chart(section), render!, number);
  });
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
 * await htmlReport({ title: "Pneumonia on chest radiographs", sections: evaluationSections(evaluation, report) });
 */
export async function htmlReport({ title, subtitle, notice, sections }: ReportDocument): Promise<string> {
  const known = sections.map(recognise);
  const render = known.some(({ kind }) => kind.chart !== undefined) ? await loadChartRenderer() : undefined;
  const parts = drawAll(known, render).map(
    (content, i) => html`<section class="${isHalf(known[i]!) ? "half" : "full"}">${content}</section> `,
  );
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
