import { z } from "zod";
import { html } from "../html.ts";
import { list, sectionKind, sectionSchema } from "../section-kind.ts";

/** Paragraphs under an optional title. */
export const text = sectionKind(
  sectionSchema("text", { title: z.string().exactOptional(), paragraphs: list(z.string()) }),
  {
    html: ({ title, paragraphs }) =>
      html`<div>
        ${title === undefined ? undefined : html`<h3>${title}</h3>`}${paragraphs.map((paragraph) => html`<p>${paragraph}</p>`)}
      </div>`,
  },
);
