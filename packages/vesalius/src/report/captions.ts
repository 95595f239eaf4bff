import { html, type Html, type HtmlValue } from "./html.ts";

/** A remark below a figure or table. */
export const noteOf = (note: string | undefined): HtmlValue =>
  note === undefined ? undefined : html`<p class="note">${note}</p>`;

/**
 * A table under its caption. The caption stays in place while a wide table is scrolled sideways, by finger or by
 * keyboard, so that no table widens a phone's page.
 */
export function captionedTable(
  number: number,
  title: string,
  table: (labelledBy: string) => Html,
  note: string | undefined,
): Html {
  const id = `table-${number}-caption`;
  return html`<figure>
    <figcaption id="${id}"><span class="label">Table ${number}.</span> ${title}</figcaption>
    <div class="scroll" role="region" aria-labelledby="${id}" tabindex="0">${table(id)}</div>
    ${noteOf(note)}
  </figure>`;
}

/** A figure that is no chart under its caption. */
export const captionedFigure = (number: number, title: string, content: Html, note: string | undefined): Html =>
  html`<figure>
    <figcaption><span class="label">Figure ${number}.</span> ${title}</figcaption>
    ${content} ${noteOf(note)}
  </figure>`;
