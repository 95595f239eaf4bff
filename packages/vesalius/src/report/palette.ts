import { html, type Html } from "./html.ts";

/**
 * Series differ in hue (after Okabe and Ito 2008, darkened or lightened to a contrast of at least 3:1 on the page), in
 * dash and in marker, so that neither colour vision nor a colour printer is needed to tell them apart.
 */
export const seriesColours = {
  light: ["#0b6aa2", "#c24e08", "#00775a", "#a33f7a", "#8a6100", "#4b5560"],
  dark: ["#62b5e5", "#f0905a", "#3fc09a", "#de94c2", "#e0b448", "#a9b3bd"],
} as const;

/** Lengths of dash and gap; empty for a solid line. */
const dashes: readonly (readonly number[])[] = [[], [7, 4], [2, 3], [9, 3, 2, 3]];

const markers = ["circle", "rect", "triangle", "diamond"] as const;

/** How the series of an index is drawn. */
export interface SeriesStyle {
  /** A CSS variable, so that the colour follows light and dark. */
  readonly colour: string;
  readonly dash: readonly number[];
  readonly marker: (typeof markers)[number];
}

/** Style of the series at an index: six hues, and another dash after every hue and marker has been used. */
export function seriesStyle(index: number): SeriesStyle {
  return {
    colour: `var(--series-${(index % seriesColours.light.length) + 1})`,
    dash: dashes[index % dashes.length]!,
    marker: markers[index % markers.length]!,
  };
}

/** The variables of one theme for a style sheet. */
export const seriesVariables = (theme: "light" | "dark"): string =>
  seriesColours[theme].map((colour, i) => `--series-${i + 1}: ${colour};`).join(" ");

const markerShapes: Readonly<Record<SeriesStyle["marker"], string>> = {
  circle: "M14 7m-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0",
  rect: "M10.5 3.5h7v7h-7z",
  triangle: "M14 2.5l4.5 8h-9z",
  diamond: "M14 2l5 5l-5 5l-5 -5z",
};

/** A legend beside a chart: it wraps on a phone where a legend inside the picture would be cut. */
export function legend(entries: readonly { name: string; detail?: string | undefined; marked?: boolean }[]): Html {
  const items = entries.map(({ name, detail, marked = false }, index) => {
    const { colour, dash, marker } = seriesStyle(index);
    const shape = marked ? html`<path d="${markerShapes[marker]}" fill="${colour}" />` : undefined;
    const line = html`<path d="M0 7H28" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash.join(" ")}" />`;
    const rest = detail === undefined ? undefined : html` <span class="muted">${detail}</span>`;
    return html`<li>
      <svg class="swatch" viewBox="0 0 28 14" aria-hidden="true">${line}${shape}</svg><span>${name}${rest}</span>
    </li>`;
  });
  return html`<ul class="legend">
    ${items}
  </ul>`;
}
