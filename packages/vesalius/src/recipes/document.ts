import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from "yaml";
import { VesaliusError } from "../common/errors.ts";
import { formatPath, type Problem } from "./problems/problems.ts";

/** A recipe is a page of text; a file beyond this many characters is something else. */
const longest = 2 ** 18;
/** Most values that a recipe may hold once its aliases stand for what they name. */
const mostValues = 100_000;

/** Most brackets that may be open at once, and most signs of nested lists in front of a line. */
const deepest = 200;

/** Whether a text nests deeper than any recipe; the parser takes time that grows with the square of the depth. */
function nestsDeep(text: string): boolean {
  let open = 0;
  for (const sign of text) {
    if (sign === "[" || sign === "{") open++;
    else if ((sign === "]" || sign === "}") && open > 0) open--;
    if (open > deepest) return true;
  }
  return /^(?:\s*[-?:]\s){200}/m.test(text);
}

/** A recipe's file as it was read. */
export interface RecipeDocument {
  readonly value: unknown;
  /** Line in the file, from 1, of the key or value that a problem is about; of what holds it where it is missing. */
  lineOf(problem: Pick<Problem, "path" | "onKey">): number | undefined;
}

type Fail = (what: string, node?: Node | null, path?: readonly PropertyKey[], cause?: unknown) => VesaliusError;

/** Keys and positions of a node from those around it. */
function pathOf(key: number | string | null, around: readonly unknown[]): PropertyKey[] {
  const path: PropertyKey[] = [];
  for (const [i, outer] of around.entries()) {
    const inner = around[i + 1];
    if (isPair(outer)) path.push(isScalar(outer.key) ? String(outer.key.value) : "?");
    else if (isCollection(outer) && !isMap(outer) && inner !== undefined) path.push(outer.items.indexOf(inner));
  }
  if (typeof key === "number" && isCollection(around.at(-1)) && !isMap(around.at(-1))) path.push(key);
  return path;
}

/**
 * Refuses aliases of anchors that are not there or that stand inside what they name, aliases that would unfold to more
 * than a recipe can hold, and two keys of one name.
 */
function checkNodes(document: Document.Parsed, fail: Fail): void {
  const anchors = new Map<string, Node>();
  // What a node unfolds to, by node; anchors stand before their aliases, so that each is counted once.
  const sizes = new Map<unknown, number>();
  const sizeOf = (node: unknown): number => {
    const known = sizes.get(node);
    if (known !== undefined) return known;
    let size = 1;
    if (isAlias(node)) size = sizeOf(anchors.get(node.source));
    else if (isPair(node)) size = sizeOf(node.value);
    else if (isCollection(node)) for (const item of node.items) size += sizeOf(item);
    sizes.set(node, size);
    return size;
  };
  visit(document, {
    Node(key, node, around) {
      const path = () => pathOf(key, around);
      if (isMap(node)) {
        const seen = new Set<unknown>();
        for (const { key: own } of node.items) {
          const name = isScalar(own) ? own.value : own;
          if (seen.has(name)) throw fail("the key occurs twice", own as Node, [...path(), String(name)]);
          seen.add(name);
        }
      }
      if (!isAlias(node)) {
        if (node.anchor !== undefined) anchors.set(node.anchor, node);
        return;
      }
      const named = anchors.get(node.source);
      if (named === undefined) throw fail(`the alias *${node.source} is of an anchor that is not there`, node, path());
      if (around.includes(named)) throw fail(`the alias *${node.source} stands in what it names`, node, path());
      if (sizeOf(named) > mostValues)
        throw fail(`the alias *${node.source} unfolds to more than ${mostValues} values`, node, path());
    },
  });
}

function lineOf(document: Document, lines: LineCounter, { path, onKey }: Pick<Problem, "path" | "onKey">) {
  for (let length = path.length; length >= 0; length--) {
    const at = path.slice(0, length);
    const parent: unknown = length === 0 ? document.contents : document.getIn(at.slice(0, -1), true);
    const key = at.at(-1);
    const pair = isCollection(parent)
      ? parent.items.find((item) => isPair(item) && String(item.key) === String(key))
      : undefined;
    const node: unknown =
      isPair(pair) && (onKey || length < path.length || !isCollection(pair.value))
        ? pair.key
        : document.getIn(at, true);
    const offset = (node as { range?: [number, number, number] } | undefined)?.range?.[0];
    if (offset !== undefined) return lines.linePos(offset).line;
  }
  return undefined;
}

/**
 * Reads the text of a recipe.
 *
 * @param where name of the file, for messages
 * @throws VesaliusError `bad-configuration` with the line for text that is no YAML or too long, an alias without its
 * anchor or that unfolds without bounds, and a key that occurs twice
 */
export function readDocument(text: string, where: string): RecipeDocument {
  if (text.length > longest)
    throw new VesaliusError("bad-configuration", `the file has more than ${longest} characters and is no recipe`, {
      where,
      fix: "name a recipe, which is a page of YAML",
    });
  const lines = new LineCounter();
  const failAt = (what: string, line: number | undefined, cause?: unknown): VesaliusError =>
    new VesaliusError("bad-configuration", what, { where: line === undefined ? where : `${where}:${line}`, cause });
  const fail: Fail = (what, node, path = [], cause) => {
    const line = node?.range === undefined || node.range === null ? undefined : lines.linePos(node.range[0]).line;
    const place = [line === undefined ? "" : `line ${line}`, formatPath(path)].filter((part) => part !== "");
    return failAt(
      `the recipe cannot be used: ${place.length === 0 ? "" : `${place.join(", ")}: `}${what}`,
      line,
      cause,
    );
  };
  if (nestsDeep(text)) throw failAt("the file nests deeper than any recipe", undefined);
  try {
    // Keys that occur twice are found below: the parser compares every key with every other one.
    const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false });
    const [broken] = document.errors;
    if (broken !== undefined)
      throw failAt(`the file is no valid YAML: ${broken.message.split("\n")[0]}`, broken.linePos?.[0].line, broken);
    checkNodes(document, fail);
    return {
      value: document.toJS({ maxAliasCount: -1 }),
      lineOf: (problem) => lineOf(document, lines, problem),
    };
  } catch (error) {
    if (error instanceof VesaliusError) throw error;
    // The parser goes down as deep as the file does.
    if (error instanceof RangeError) throw failAt("the file nests deeper than any recipe", undefined, error);
    throw failAt("the file is no valid YAML", undefined, error);
  }
}
