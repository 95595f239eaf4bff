import * as fc from "fast-check";
import { expect, test } from "vitest";
import { escapeHtml, html } from "./html.ts";

const decode = (text: string) =>
  text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");

test("escaped text holds nothing that means something in HTML, and says the same", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."<>&\"'ab;#/ é".split("")) }), (text) => {
      expect(escapeHtml(text)).not.toMatch(/[<>"']/);
      expect(decode(escapeHtml(text))).toBe(text);
    }),
  );
});

test("a template escapes values, keeps markup, joins lists and leaves out what is undefined", () => {
  const items = ["a<b", "c&d"].map((text) => html`<i>${text}</i>`);
  const quoted = '"x"';
  const { text } = html`<b title="${quoted}">${items}${undefined}${3}</b>`;
  expect(text).toBe('<b title="&quot;x&quot;"><i>a&lt;b</i><i>c&amp;d</i>3</b>');
});
