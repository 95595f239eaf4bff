import type { SaxesParser, SaxesTagPlain } from "saxes";
import { VesaliusError } from "../../common/errors.ts";
import type { Cell } from "./records/records.ts";

/** Loads the parser; a parameter so that what is here works without the optional package. */
export type MakeParser = () => SaxesParser;

/** Deepest nesting that is read: no format of the field comes near it. */
const DEEPEST = 100;

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Elements and texts in order. */
  readonly content: (Element | string)[];
}

const isElement = (part: Element | string): part is Element => typeof part !== "string";
const textOf = (element: Element): string =>
  element.content.map((part) => (isElement(part) ? textOf(part) : part)).join("");
const tidy = (text: string): string => text.replaceAll(/\s+/g, " ").trim();

/** Adds a value to a field; a second one makes it a list. */
function add(record: Map<string, Cell>, field: string, value: string): void {
  if (value === "") return;
  const before = record.get(field);
  record.set(
    field,
    before === undefined ? value : [...(Array.isArray(before) ? (before as readonly string[]) : [before]), value],
  );
}

/**
 * Fields of an element: attributes and elements that hold nothing but text, by their path. An element with text between
 * its elements (`<i>`, `<sup>`) is one text.
 */
function addFields(record: Map<string, Cell>, { attributes, content }: Element, path: string): void {
  const at = (name: string): string => (path === "" ? name : `${path}.${name}`);
  for (const [name, value] of Object.entries(attributes)) add(record, at(name), tidy(value));
  for (const inner of content) {
    if (!isElement(inner)) continue;
    const elements = inner.content.filter(isElement);
    const mixed = inner.content.some((part) => !isElement(part) && part.trim() !== "");
    if (elements.length > 0 && !mixed) addFields(record, inner, at(inner.name));
    else {
      add(record, at(inner.name), tidy(textOf(inner)));
      for (const [name, value] of Object.entries(inner.attributes))
        add(record, `${at(inner.name)}.${name}`, tidy(value));
    }
  }
}

/** What an element around records says of all of them: its attributes, and its elements that hold text alone. */
function addOuter(record: Map<string, Cell>, { attributes, content }: Element): void {
  for (const [name, value] of Object.entries(attributes)) if (!record.has(name)) add(record, name, tidy(value));
  for (const inner of content)
    if (isElement(inner) && !inner.content.some(isElement) && !record.has(inner.name))
      add(record, inner.name, tidy(textOf(inner)));
}

/** Reads events until the text ends; what the parser refuses becomes a typed error that repeats nothing of the text. */
function parse(
  text: string,
  where: string,
  makeParser: MakeParser,
  on: { open(tag: SaxesTagPlain, depth: number): void; text?(part: string): void; close?(): void },
): void {
  const parser = makeParser();
  let depth = 0;
  const refuse = (what: string, fix: string): never => {
    throw new VesaliusError("bad-data", `${what} (line ${parser.line}, column ${parser.columnIndex + 1})`, {
      where,
      fix,
    });
  };
  parser.on("error", () =>
    refuse("this is not well-formed XML", "the file is damaged or cut off, or of another format"),
  );
  parser.on("opentag", (tag) => {
    if (++depth > DEEPEST) refuse(`elements are nested more than ${DEEPEST} deep`, "no format of records needs that");
    on.open(tag, depth);
  });
  parser.on("text", (part) => on.text?.(part));
  parser.on("cdata", (part) => on.text?.(part));
  parser.on("closetag", () => {
    depth--;
    on.close?.();
  });
  parser.write(text).close();
}

/** Names of elements that are records wherever they appear. */
const KNOWN = ["PubmedArticle", "QAPair"];

/**
 * Name of the elements that are records: a well-known one, or else that of the shallowest elements which repeat.
 *
 * @throws VesaliusError `bad-data` where nothing repeats
 */
export function recordElement(text: string, where: string, makeParser: MakeParser): string {
  const counts = new Map<string, { depth: number; count: number }>();
  let known: string | undefined;
  parse(text, where, makeParser, {
    open({ name }, depth) {
      if (KNOWN.includes(name)) known ??= name;
      const before = counts.get(name);
      counts.set(name, { depth: Math.min(depth, before?.depth ?? depth), count: (before?.count ?? 0) + 1 });
    },
  });
  const repeated = [...counts].filter(([, { count, depth }]) => count > 1 && depth > 1);
  const found = known ?? repeated.sort(([, a], [, b]) => a.depth - b.depth || b.count - a.count)[0]?.[0];
  if (found !== undefined) return found;
  throw new VesaliusError("bad-data", "no element of the XML repeats, so it is not clear what a record is", {
    where,
    fix: (option) => `name the element of a record with ${option("record")}`,
  });
}

/**
 * Records of an XML text: one for each element of a name, with its attributes and the texts inside it as fields by their
 * path (`Question`, `Question.qtype`), and what the elements around it say of them all. Entities that a document defines
 * itself are refused, so nothing outside is fetched and nothing grows.
 *
 * @param record name of the element that is one record
 * @throws VesaliusError `bad-data` with line and column, for XML that is not well-formed, nested too deep, or without a
 * record
 */
export function recordsOfXml(
  text: string,
  where: string,
  record: string,
  makeParser: MakeParser,
): ReadonlyMap<string, Cell>[] {
  const records: { readonly fields: Map<string, Cell>; readonly around: readonly Element[] }[] = [];
  const open: Element[] = [];
  let inside = -1;
  parse(text, where, makeParser, {
    open({ name, attributes }) {
      const element: Element = { name, attributes, content: [] };
      const parent = open.at(-1);
      open.push(element);
      if (inside < 0 && name === record) inside = open.length;
      // Records are not kept as elements; what is around them is.
      else parent?.content.push(element);
    },
    text: (part) => void open.at(-1)?.content.push(part),
    close() {
      if (open.length === inside) {
        const fields = new Map<string, Cell>();
        addFields(fields, open.at(-1)!, "");
        records.push({ fields, around: open.slice(0, -1) });
        inside = -1;
      }
      open.pop();
    },
  });
  if (records.length === 0)
    throw new VesaliusError("bad-data", `the XML has no element ${JSON.stringify(record)}`, {
      where,
      fix: (option) => `name the element of a record with ${option("record")}`,
    });
  for (const { fields, around } of records) for (const element of around.toReversed()) addOuter(fields, element);
  return records.map(({ fields }) => fields);
}
