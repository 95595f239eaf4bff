import { describe, expect, test } from "vitest";
import { everySection } from "../every-section.test.helper.ts";
import { htmlReport, reportSectionSchema, type ReportSection, sectionKinds } from "../index.ts";

describe("sections", () => {
  test("every kind that is listed is drawn above, once checked against its schema and as saved JSON", () => {
    const sections = everySection("melanoma");
    expect(new Set(sections.map(({ kind }) => kind))).toEqual(new Set(sectionKinds.map(({ kind }) => kind)));
    for (const section of sections) {
      const saved: unknown = JSON.parse(JSON.stringify(section));
      expect(reportSectionSchema.parse(saved)).toEqual(section);
    }
    expect(reportSectionSchema.safeParse({ kind: "hologram" }).success).toBe(false);
  });

  test("a section of a kind that is not listed is refused", async () => {
    const section = { kind: "hologram", title: "H" } as unknown as ReportSection;
    await expect(htmlReport({ title: "t", sections: [section] })).rejects.toMatchObject({ code: "bad-argument" });
  });

  test("marked texts keep every character, escaped, with the mark around its stretch", async () => {
    const text = "a <b> & c";
    const page = await htmlReport({
      title: "t",
      sections: [
        {
          kind: "texts",
          title: "Texts",
          texts: [
            {
              text,
              marks: [
                { start: 6, end: 7, tone: "spurious", label: "DRUG" },
                { start: 2, end: 5, tone: "hit" },
              ],
            },
          ],
        },
      ],
    });
    expect(page).toContain(
      '<span class="marked">a <mark class="hit">&lt;b&gt;<small>✓</small></mark> ' +
        '<mark class="spurious">&amp;<small>+ DRUG</small></mark> c</span>',
    );
  });
});
