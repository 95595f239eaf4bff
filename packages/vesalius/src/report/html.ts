const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Markup that is known to be safe: made by `html`, or by a renderer that escapes what it is given. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template: text and numbers are escaped, markup is kept, nothing stays nothing. */
export type HtmlValue = Html | string | number | undefined | readonly HtmlValue[];

/** Text with the characters that mean something in HTML replaced, for content and for quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]!);
}

function render(value: HtmlValue): string {
  if (value === undefined) return "";
  if (value instanceof Html) return value.text;
  if (typeof value === "string" || typeof value === "number") return escapeHtml(String(value));
  return value.map(render).join("");
}

/**
 * HTML template that escapes every value by construction, so that a class name or a file name cannot become markup.
 * Attributes must be quoted in the template.
 *
 * @example
 * html`<td>${className}</td>`.text;
 */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(strings.map((text, i) => text + render(values[i])).join(""));
}
