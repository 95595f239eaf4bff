import { seriesVariables } from "./palette.ts";

/** Light is the default and what is printed; dark follows the reader's setting on a screen. */
const themes = `
:root { color-scheme: light dark; --paper: #ffffff; --ink: #1b2127; --muted: #56616c; --rule: #cfd6dd; --grid: #e7ebef;
  --accent: #0b5c8c; --tint: #f4f7f9; --shade: 11 92 140; --notice: #9a5b00; ${seriesVariables("light")} }
@media screen and (prefers-color-scheme: dark) {
  :root { --paper: #14181d; --ink: #e6eaee; --muted: #a2adb8; --rule: #3a434c; --grid: #2a3138;
    --accent: #74bdea; --tint: #1b2127; --shade: 84 164 214; --notice: #e0b448; ${seriesVariables("dark")} }
}`;

const page = `
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
h1, h2, h3 { font-family: Charter, "Bitstream Charter", "Iowan Old Style", Cambria, Georgia, "Noto Serif", serif;
  font-weight: 600; line-height: 1.25; overflow-wrap: anywhere; }
h1 { font-size: 2rem; margin: 0; }
h2 { font-size: 1.35rem; margin: 0; padding-top: 1.1rem; border-top: 1px solid var(--rule); }
h3 { font-size: 1.05rem; margin: 0 0 .5rem; }
p { margin: .5rem 0 0; max-width: 70ch; }
.subtitle { font-size: 1.1rem; color: var(--muted); margin-top: .4rem; overflow-wrap: anywhere; }
.notice { margin: 1.4rem 0 0; padding: .5rem .9rem; border-left: 3px solid var(--notice); background: var(--tint);
  font-size: .9rem; }
.notice p { margin: 0; max-width: none; }
.muted { color: var(--muted); }
.sections { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 2.2rem 2.5rem; margin-top: 2rem; }
figure { margin: 0; break-inside: avoid; }
.half, .full { min-width: 0; }
.full { grid-column: 1 / -1; }
.note { font-size: .85rem; color: var(--muted); }
@media (max-width: 46rem) {
  main { padding: 1.5rem 1rem 3rem; }
  h1 { font-size: 1.6rem; }
  .sections { grid-template-columns: minmax(0, 1fr); gap: 2rem; }
}`;

const headline = `
.headline { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: 1.4rem 2rem; margin: 0; }
.headline > div { border-top: 2px solid var(--accent); padding-top: .55rem; }
.headline dt { font-size: .85rem; color: var(--muted); line-height: 1.3; min-height: 2.6em; }
.headline dd { margin: 0; font-variant-numeric: tabular-nums; }
.headline .value { font-size: 1.9rem; line-height: 1.25; letter-spacing: -.01em; }
.headline .unit { font-size: 1rem; color: var(--muted); margin-left: .15em; letter-spacing: 0; }
.headline .detail { font-size: .85rem; line-height: 1.4; }`;

const tables = `
figcaption { font-size: .95rem; font-weight: 600; padding: 0 0 .6rem; line-height: 1.35; }
figcaption .label { color: var(--accent); }
.scroll { overflow-x: auto; }
.scroll:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; line-height: 1.4; }
thead th { border-bottom: 1px solid var(--ink); vertical-align: bottom; font-weight: 600; }
th, td { text-align: left; padding: .35rem 1.1rem .35rem 0; vertical-align: baseline; font-weight: 400; }
th:last-child, td:last-child { padding-right: 0; }
tbody tr + tr > * { border-top: 1px solid var(--grid); }
tbody tr:last-child > * { border-bottom: 1px solid var(--rule); }
tbody th { min-width: 7rem; overflow-wrap: break-word; }
th.right, td.right { text-align: right; }
td.right { white-space: nowrap; }
td.sentence { min-width: 15rem; }
td small { display: block; font-size: .8rem; color: var(--muted); }
@media (max-width: 46rem) { th, td { padding-right: .8rem; } tbody th { min-width: 5.5rem; } }
dl.pairs { display: grid; grid-template-columns: minmax(7rem, auto) minmax(0, 1fr); gap: .3rem 1.25rem; margin: 0;
  font-size: .9rem; }
dl.pairs dt { color: var(--muted); }
dl.pairs dd { margin: 0; overflow-wrap: anywhere; }
.matrix { width: auto; border-spacing: 2px; border-collapse: separate; }
.matrix th, .matrix td, .matrix tbody tr > * { border: 0; padding: .3rem .5rem; }
.matrix thead th { text-align: center; border: 0; max-width: 9rem; font-size: .85rem; overflow-wrap: break-word; hyphens: auto; }
.matrix thead tr:first-child th, .matrix .axis { color: var(--muted); font-size: .85rem; font-weight: 400; }
.matrix thead .axis { text-align: right; }
.matrix tbody th { text-align: right; vertical-align: middle; overflow-wrap: break-word; hyphens: auto; min-width: 5rem; max-width: 10rem; }
.matrix tbody td { text-align: center; min-width: 4.2rem; line-height: 1.25; vertical-align: middle;
  background: rgb(var(--shade) / var(--share)); print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.matrix td small { color: inherit; }`;

const charts = `
.chart { display: block; width: 100%; max-width: 32rem; height: auto; }
.legend { list-style: none; margin: 0 0 .5rem; padding: 0; display: flex; flex-wrap: wrap; gap: .2rem 1.1rem;
  font-size: .85rem; line-height: 1.4; font-variant-numeric: tabular-nums; }
.legend li { display: flex; gap: .45rem; min-width: 0; overflow-wrap: anywhere; }
.swatch { flex: none; width: 1.75rem; height: .875rem; margin-top: .2rem; }
details { font-size: .85rem; margin-top: .4rem; }
summary { cursor: pointer; color: var(--accent); }
details table { font-size: .85rem; margin-top: .4rem; }
.pictures { display: grid; grid-template-columns: repeat(var(--columns), minmax(0, 1fr)); gap: .75rem; }
.pictures figure { margin: 0; min-width: 0; }
.pictures img { display: block; width: 100%; height: auto; border: 1px solid var(--rule); }
.pictures figcaption { font-weight: 400; font-size: .8rem; color: var(--muted); padding: .25rem 0 0; }
.texts { list-style: none; margin: 0; padding: 0; display: grid; gap: .9rem; }
.texts li { border-left: 2px solid var(--rule); padding-left: .9rem; overflow-wrap: anywhere; }
.texts .marked { white-space: pre-wrap; }
.texts li > .muted { display: block; font-size: .85rem; }
.texts mark { color: inherit; background: rgb(var(--shade) / .16); border-bottom: 2px solid var(--accent); padding: 0 .1em; }
.texts mark.missed { background: none; border-bottom-style: dashed; border-bottom-color: var(--notice); }
.texts mark.spurious { background: none; border-bottom-style: dotted; border-bottom-color: var(--notice); }
.texts mark small { font-size: .75rem; color: var(--muted); margin-left: .35em; }
@media (max-width: 46rem) { .pictures { grid-template-columns: repeat(min(var(--columns), 4), minmax(0, 1fr)); } }
footer { margin-top: 3rem; padding-top: .8rem; border-top: 1px solid var(--rule); font-size: .85rem; color: var(--muted); }`;

// A grid does not break between its rows in print in every browser, and an inline block is never torn apart.
const print = `
@page { size: A4; margin: 16mm 15mm; }
@media print {
  html { font-size: 9.5pt; }
  main { max-width: none; padding: 0; }
  .sections { display: block; margin-top: 1.4rem; }
  .full, .half { margin: 0 0 1.4rem; }
  .half { display: inline-block; width: 48%; margin-right: 1.5%; vertical-align: top; }
  h2, figcaption, section:has(h2) { break-after: avoid; }
  .note { break-before: avoid; }
  .full > figure:has(table) { break-inside: auto; }
  tr { break-inside: avoid; }
  .scroll { overflow: visible; }
  details { display: none; }
}`;

/** The style sheet of a report: one column on a phone, two on a page, light and dark, A4 in print. */
export const styleSheet = [themes, page, headline, tables, charts, print].join("\n").trim();
