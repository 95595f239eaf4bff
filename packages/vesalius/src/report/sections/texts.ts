import { z } from "zod";
import { captionedFigure } from "../captions.ts";
import { html, type Html } from "../html.ts";
import { failSection, list, sectionKind, sectionSchema } from "../section-kind.ts";

const markSchema = z.object({
  /** UTF-16 offsets into the text, `end` one past the last unit. */
  start: z.int().min(0),
  end: z.int().min(1),
  /** Shown behind the mark: an entity's type, the word that was hidden. */
  label: z.string().exactOptional(),
  /**
   * How it is drawn: `hit` for what was found rightly, `missed`, `spurious` for what is none, `plain` for no judgement.
   * They differ in line and sign, not only in colour.
   */
  tone: z.enum(["plain", "hit", "missed", "spurious"]).exactOptional(),
});
/** A marked stretch of a text. */
export type TextMark = z.output<typeof markSchema>;

const schema = sectionSchema("texts", {
  title: z.string(),
  texts: list(z.object({ text: z.string(), marks: list(markSchema), caption: z.string().exactOptional() })),
  note: z.string().exactOptional(),
});

/** A sign in front of marks, for readers who do not see colours. */
const signs = { plain: "", hit: "✓ ", missed: "− ", spurious: "+ " } as const;

function marked(text: string, marks: readonly TextMark[]): Html {
  const parts: Html[] = [];
  let at = 0;
  for (const { start, end, label, tone = "plain" } of [...marks].sort((a, b) => a.start - b.start)) {
    const words = label === undefined && tone === "plain" ? "" : `${signs[tone]}${label ?? ""}`.trim();
    const behind = words === "" ? undefined : html`<small>${words}</small>`;
    parts.push(html`${text.slice(at, start)}<mark class="${tone}">${text.slice(start, end)}${behind}</mark>`);
    at = end;
  }
  return html`${parts}${text.slice(at)}`;
}

/** Texts with highlighted spans. */
export const texts = sectionKind(schema, {
  numbered: "Figure",
  check(section) {
    for (const { text, marks } of section.texts) {
      const sorted = [...marks].sort((a, b) => a.start - b.start);
      const broken = sorted.some(
        ({ start, end }, i) => start >= end || end > text.length || start < (sorted[i - 1]?.end ?? 0),
      );
      if (broken) failSection(section, "marks overlap or lie outside their text", "merge marks that overlap");
    }
  },
  html({ title, texts, note }, number) {
    const shown = texts.map(({ text, marks, caption }) => {
      const words = caption === undefined ? undefined : html`<span class="muted">${caption}</span>`;
      return html`<li><span class="marked">${marked(text, marks)}</span>${words}</li>`;
    });
    return captionedFigure(
      number,
      title,
      html`<ul class="texts">
        ${shown}
      </ul>`,
      note,
    );
  },
});
