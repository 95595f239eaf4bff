#!/usr/bin/env node
/**
 * Writes the tables of docs/encoders.md: every encoder, transform, sampler and dataset step of the catalogues, in the words
 * of its summary, with its settings.
 *
 *     node scripts/feed-list.mjs          write
 *     node scripts/feed-list.mjs --check  exit 1 where the page is not current
 *
 * It reads the built library: run `npm run build` first.
 */
import { fillRegions, runAsProgram } from "./regions.mjs";

const cell = (text) => text.replaceAll("|", "\\|").replaceAll("\n", " ");

/** A row of a catalogue: name, what it is, names of its settings. */
function row({ name, summary, settings, paper }) {
  const keys = Object.keys(settings.shape).map((key) => `\`${key}\``);
  const source = paper === undefined ? "" : ` (${/^.*?\b(?:19|20)\d\d\b/.exec(paper)?.[0] ?? paper})`;
  return `| \`${name}\` | ${cell(summary.replace(/\.$/, "") + source)} | ${keys.join(", ") || "-"} |`;
}

const table = (title, { entries }) => [`| ${title} | what it does | settings |`, "|---|---|---|", ...entries.map(row)];

/** The page with its tables filled in. */
export async function fillFeeds(text) {
  const { datasetSteps, encoders, transforms, samplers } = await import("vesalius/data");
  return fillRegions(text, "feeds", {
    encoders: table("encoder", encoders),
    transforms: table("transform", transforms),
    samplers: table("sampler", samplers),
    steps: table("step", datasetSteps),
  });
}

await runAsProgram(import.meta.url, { "docs/encoders.md": fillFeeds });
