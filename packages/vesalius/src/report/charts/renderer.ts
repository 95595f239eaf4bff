import type { CustomSeriesOption, LineSeriesOption } from "echarts/charts";
import type { GridComponentOption } from "echarts/components";
import type { ComposeOption } from "echarts/core";
import { VesaliusError } from "../../common/errors.ts";
import { escapeHtml, Html } from "../html.ts";

/** What is drawn inside the axes. */
export type ChartSeries = LineSeriesOption | CustomSeriesOption;

/** What the charts of a report are made of. */
export type ChartOption = ComposeOption<ChartSeries | GridComponentOption>;

/** A chart ready to be drawn. */
export interface Chart {
  readonly option: ChartOption;
  /** In units of the picture; it scales with the page. */
  readonly width: number;
  readonly height: number;
  /** What the chart shows in words, for a reader who cannot see it. */
  readonly description: string;
}

/** Draws a chart as SVG. `id` is unique in the page and names the parts of the picture; `title` is its short name. */
export type ChartRenderer = (chart: Chart, id: string, title: string) => Html;

/**
 * Makes ECharts' markup fit into a page without script: ids that do not depend on what was drawn before, no hover
 * styles, no internal attributes, and a title and description for screen readers. Only tags are touched, never text.
 */
function tidy(svg: string, { width, height, description }: Chart, id: string, title: string): Html {
  const named =
    `<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 ${width} ${height}" role="img" ` +
    `aria-labelledby="${id}-title ${id}-description"><title id="${id}-title">${escapeHtml(title)}</title>` +
    `<desc id="${id}-description">${escapeHtml(description)}</desc>`;
  const body = svg
    .replace(/<style[\s\S]*?<\/style>/g, "")
    .replace(/<[^>]+>/g, (tag) =>
      tag.replace(/ (class|pointer-events|ecmeta_\w+)="[^"]*"/g, "").replace(/(["(#])zr\d+-/g, `$1${id}-`),
    )
    .replace(/^<svg[^>]*>/, () => named)
    .replace(/\n+/g, "\n");
  return new Html(body);
}

/**
 * Loads ECharts, which is an optional peer dependency.
 *
 * @throws VesaliusError `missing-dependency` where it is not installed.
 */
export async function loadChartRenderer(): Promise<ChartRenderer> {
  const [core, charts, components, renderers] = await Promise.all([
    import("echarts/core"),
    import("echarts/charts"),
    import("echarts/components"),
    import("echarts/renderers"),
  ]).catch((cause: unknown) => {
    throw new VesaliusError("missing-dependency", "the charts of a report need the package echarts", {
      where: "echarts",
      fix: "npm install echarts@6",
      cause,
    });
  });
  core.use([charts.LineChart, charts.CustomChart, components.GridComponent, renderers.SVGRenderer]);
  return (chart, id, title) => {
    const { width, height, option } = chart;
    const drawing = core.init(null, null, { renderer: "svg", ssr: true, width, height });
    try {
      drawing.setOption({ animation: false, backgroundColor: "transparent", ...option });
      return tidy(drawing.renderToSVGString(), chart, id, title);
    } finally {
      drawing.dispose();
    }
  };
}
