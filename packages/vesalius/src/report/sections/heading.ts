import { z } from "zod";
import { html } from "../html.ts";
import { sectionKind, sectionSchema } from "../section-kind.ts";

/** Starts a part of the report. */
export const heading = sectionKind(sectionSchema("heading", { title: z.string(), text: z.string().exactOptional() }), {
  html: ({ title, text }) =>
    html`<header>
      <h2>${title}</h2>
      ${text === undefined ? undefined : html`<p>${text}</p>`}
    </header>`,
});
