import { z } from "zod";
import { html } from "../html.ts";
import { list, sectionKind, sectionSchema } from "../section-kind.ts";

/** Names with values: settings, environment, data. */
export const keyValues = sectionKind(
  sectionSchema("keyValues", {
    title: z.string(),
    entries: list(z.tuple([z.string(), z.string()]).readonly()),
  }),
  {
    half: () => true,
    html: ({ title, entries }) =>
      html`<div>
        <h3>${title}</h3>
        <dl class="pairs">
          ${entries.map(
            ([name, value]) =>
              html`<dt>${name}</dt>
                <dd>${value}</dd>`,
          )}
        </dl>
      </div>`,
  },
);
