import * as fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { everySection } from "./every-section.test.helper.ts";
import { htmlReport, researchUseNotice, type ReportSection } from "./index.ts";

const report = (text: string) =>
  htmlReport({ title: text, subtitle: text, notice: text, sections: everySection(text) });

/** All tags with their attributes but not the values; without lines of text in charts, whose number depends on names. */
const tagsOf = (page: string) =>
  [...page.matchAll(/<[^>]*>/g)]
    .map((match) => match[0].replace(/"[^"]*"/g, '""'))
    .filter((tag) => !/^<\/?text/.test(tag));

afterEach(() => {
  vi.doUnmock("echarts/core");
  vi.resetModules();
});

describe("htmlReport", () => {
  test("hostile text stays text: the page has the same tags and attributes as with harmless text", async () => {
    const harmless = await report("melanoma");
    for (const hostile of [
      "<script>alert(1)</script>",
      '"><img src=x onerror=alert(1)>',
      "'-alert(1)-'",
      "</title></style></svg><b>x",
      "$& $1 zr0-c0 {b|c} ${x}",
      "<!-- ]]> &amp; -->",
    ]) {
      expect(tagsOf(await report(hostile))).toEqual(tagsOf(harmless));
    }
  });

  test("any class name gives a page of balanced tags", async () => {
    const names = fc.string({
      unit: fc.constantFrom(..."<>&\"'/!-= abc{}|$\\\n".split("")),
      minLength: 1,
      maxLength: 24,
    });
    await fc.assert(
      fc.asyncProperty(names, async (name) => {
        const open: string[] = [];
        for (const [tag, closing, tagName] of (await report(name)).matchAll(/<(\/?)([a-zA-Z][\w-]*)[^>]*>/g)) {
          if (closing === "/") expect(open.pop()).toBe(tagName);
          else if (!tag.endsWith("/>")) open.push(tagName!);
        }
        expect(open).toEqual([]);
      }),
      { numRuns: 10 },
    );
  });

  test("the same document gives the same bytes, whatever was drawn before", async () => {
    const first = await report("melanoma");
    await report("something else");
    expect(await report("melanoma")).toBe(first);
  });

  test("needs nothing but itself: no script, no link, no address other than the SVG namespace", async () => {
    const page = await report("melanoma");
    expect(page).not.toMatch(/<script|<link|<iframe|@import/);
    expect([...new Set([...page.matchAll(/https?:[^"' ]*/g)].map(String))]).toEqual(["http://www.w3.org/2000/svg"]);
    for (const [, source] of page.matchAll(/src="([^"]*)"/g)) expect(source).toMatch(/^data:image\/png;base64,/);
    for (const [, target] of page.matchAll(/url\(([^)]*)\)/g)) expect(target).toMatch(/^#figure-\d+-/);
    expect(page).toContain("Content-Security-Policy");
  });

  test("has unique ids, and every reference to one is answered", async () => {
    const page = await htmlReport({ title: "t", sections: [...everySection("a"), ...everySection("b")] });
    const ids = [...page.matchAll(/ id="([^"]*)"/g)].map((match) => match[1]!);
    expect(new Set(ids).size).toBe(ids.length);
    const used = [...page.matchAll(/aria-labelledby="([^"]*)"|url\(#([^)]*)\)/g)].flatMap((match) =>
      (match[1] ?? match[2]!).split(" "),
    );
    expect(used.length).toBeGreaterThan(20);
    for (const id of used) expect(ids).toContain(id);
  });

  test("every chart has a title and a description with its numbers, every picture a text", async () => {
    const page = await report("melanoma");
    const charts = [...page.matchAll(/<svg[^>]*role="img"[\s\S]*?<\/svg>/g)].map(String);
    expect(charts).toHaveLength(9);
    for (const chart of charts) {
      expect(chart).toMatch(/<title id="figure-\d+-title">Figure \d+\. melanoma<\/title>/);
      expect(chart).toMatch(/<desc id="figure-\d+-description">[^<]*\d[^<]*<\/desc>/);
    }
    expect(page).toMatch(/<img[^>]* alt="melanoma"/);
  });

  test("always carries the research-use notice, also with a notice of its own and without charts", async () => {
    const page = await htmlReport({ title: "t", notice: "Synthetic data.", sections: [] });
    expect(page).toContain(researchUseNotice);
    expect(page).toContain("Synthetic data.");
  });

  test("without echarts, says how to install it, and still writes reports without charts", async () => {
    vi.resetModules();
    vi.doMock("echarts/core", () => {
      throw new Error("Cannot find package 'echarts'");
    });
    const { htmlReport: write } = await import("./html-report.ts");
    await expect(write({ title: "t", sections: everySection("a") })).rejects.toMatchObject({
      code: "missing-dependency",
      fix: "npm install echarts@6",
    });
    await expect(write({ title: "t", sections: [] })).resolves.toContain(researchUseNotice);
  });

  test.each<[string, ReportSection, RegExp]>([
    [
      "curves of unequal columns",
      { kind: "roc", title: "R", curves: [{ name: "a", falsePositiveRate: [0, 1], truePositiveRate: [1] }] },
      /roc "R".*same length/,
    ],
    ["an empty chart", { kind: "forest", title: "F", valueLabel: "AUC", rows: [] }, /nothing to draw/],
    [
      "zero on a logarithmic axis",
      {
        kind: "lines",
        title: "L",
        xLabel: "n",
        yLabel: "AUC",
        xScale: "log",
        series: [{ name: "a", x: [0, 1], y: [1, 2] }],
      },
      /logarithmic/,
    ],
    [
      "a picture from elsewhere",
      { kind: "images", title: "I", columns: 1, images: [{ dataUri: "https://example.org/a.png", description: "a" }] },
      /embedded image/,
    ],
    ["no columns of pictures", { kind: "images", title: "I", columns: 0, images: [] }, /number of columns/],
    [
      "marks that overlap",
      {
        kind: "texts",
        title: "X",
        texts: [
          {
            text: "abc",
            marks: [
              { start: 0, end: 2 },
              { start: 1, end: 3 },
            ],
          },
        ],
      },
      /overlap/,
    ],
    [
      "a mark outside its text",
      { kind: "texts", title: "X", texts: [{ text: "abc", marks: [{ start: 1, end: 4 }] }] },
      /outside/,
    ],
    [
      "times that fall",
      { kind: "survivalCurves", title: "S", xLabel: "t", curves: [{ name: "a", time: [2, 1], survival: [1, 0.5] }] },
      /do not rise/,
    ],
    ["a ragged table", { kind: "table", title: "T", columns: [{ label: "a" }], rows: [["1", "2"]] }, /1 and 2 entries/],
    [
      "a confusion matrix that is not square",
      { kind: "confusionMatrix", title: "C", classNames: ["a", "b"], counts: [[1, 2]] },
      /2 and 1 entries/,
    ],
  ])("refuses %s", async (_, section, message) => {
    const written = htmlReport({ title: "t", sections: [section] });
    await expect(written).rejects.toMatchObject({ code: "bad-argument" });
    await expect(written).rejects.toThrow(message);
  });
});
