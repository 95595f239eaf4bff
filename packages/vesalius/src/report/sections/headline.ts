import { z } from "zod";
import { estimateSchema } from "../estimate.ts";
import { formatInterval, formatNumber } from "../format.ts";
import { html, type HtmlValue } from "../html.ts";
import { list, sectionKind, sectionSchema } from "../section-kind.ts";

const schema = sectionSchema("headline", {
  entries: list(
    z.object({
      label: z.string(),
      estimate: estimateSchema,
      /** What it is held against: a floor, a published baseline, another model. */
      comparison: z.object({ label: z.string(), value: z.number() }).exactOptional(),
      /** After the number: `%`, `kWh`, `min`. */
      unit: z.string().exactOptional(),
      /** Decimals shown; three when left out. */
      decimals: z.int().min(0).exactOptional(),
    }),
  ),
});
/** The few numbers that answer the reader's question, large. */
export type HeadlineSection = z.output<typeof schema>;

/** Large numbers with interval and comparison. */
export const headline = sectionKind(schema, {
  html({ entries }) {
    const shown = entries.map(({ label, estimate, comparison, unit, decimals = 3 }) => {
      const { value, lower, upper, reason, caution } = estimate;
      const details: HtmlValue[] = [];
      if (lower !== null && upper !== null) {
        details.push(html`<dd class="detail">95% CI ${formatInterval(lower, upper, decimals)}</dd>`);
      }
      for (const words of [reason, caution])
        if (words !== undefined) details.push(html`<dd class="detail muted">${words}</dd>`);
      if (comparison !== undefined) {
        const held = formatNumber(comparison.value, decimals);
        details.push(html`<dd class="detail muted">${comparison.label} ${held}</dd>`);
      }
      const text = value === null ? "not defined" : formatNumber(value, decimals);
      const after = unit === undefined || value === null ? undefined : html`<span class="unit">${unit}</span>`;
      return html`<div>
        <dt>${label}</dt>
        <dd class="value">${text}${after}</dd>
        ${details}
      </div>`;
    });
    return html`<dl class="headline">${shown}</dl>`;
  },
});
