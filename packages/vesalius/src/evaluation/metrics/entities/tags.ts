import { VesaliusError } from "../../../common/errors.ts";
import { type EntitySpan } from "./entity-span.ts";

/**
 * How tags become entities where they break the rules.
 * - `conlleval`: lenient, as the script of the CoNLL-2000 shared task: an `I-` after `O` or after another type starts an
 *   entity. Reads IOB1, IOB2 (BIO) and IOBES alike.
 * - `iob2`: strict: only a `B-` starts an entity, and an `I-` that continues none belongs to none.
 */
export type TaggingScheme = "conlleval" | "iob2";

interface Tag {
  readonly prefix: string;
  readonly type: string;
}

const outside: Tag = { prefix: "O", type: "" };

function parseTag(tag: string, position: number, prefixes: string): Tag {
  if (tag === "O") return outside;
  const prefix = tag.slice(0, 1);
  if (prefix !== "O" && prefixes.includes(prefix) && tag[1] === "-" && tag.length > 2) {
    return { prefix, type: tag.slice(2) };
  }
  throw new VesaliusError("bad-data", `"${tag}" is no tag`, {
    where: `tags, position ${position}`,
    fix: `write O, or one of ${prefixes.split("").join(", ")} with a type, such as B-DISEASE`,
  });
}

/** Whether an entity ends between two neighbouring tags (conlleval). */
function endsBetween(before: Tag, after: Tag): boolean {
  if (before.prefix === "O") return false;
  if (before.prefix === "E" || before.prefix === "S") return true;
  return "BSO".includes(after.prefix) || before.type !== after.type;
}

/** Whether an entity starts between two neighbouring tags (conlleval). */
function startsBetween(before: Tag, after: Tag): boolean {
  if (after.prefix === "O") return false;
  if (after.prefix === "B" || after.prefix === "S") return true;
  return "ESO".includes(before.prefix) || before.type !== after.type;
}

/**
 * Entities of a sequence of tags (`B-DISEASE`, `I-DISEASE`, `O`). Agrees with seqeval: its default mode (`conlleval`)
 * and its strict mode with scheme IOB2 (`iob2`).
 *
 * @param tags one for each token.
 * @returns spans over tokens, by rising start.
 * @throws VesaliusError `bad-data` for a tag that the scheme does not know, with its position.
 *
 * @example
 * entitiesOfTags(["O", "B-DISEASE", "I-DISEASE"]); // [{ start: 1, end: 3, type: "DISEASE" }]
 */
export function entitiesOfTags(tags: readonly string[], scheme: TaggingScheme = "conlleval"): EntitySpan[] {
  const parsed = tags.map((tag, position) => parseTag(tag, position, scheme === "iob2" ? "BI" : "BIES"));
  const spans: EntitySpan[] = [];
  let open: { start: number; type: string } | undefined;
  for (let position = 0; position <= parsed.length; position++) {
    const before = parsed[position - 1] ?? outside;
    const after = parsed[position] ?? outside;
    const continues =
      scheme === "iob2" ? after.prefix === "I" && open?.type === after.type : !endsBetween(before, after);
    if (open !== undefined && !continues) {
      spans.push({ start: open.start, end: position, type: open.type });
      open = undefined;
    }
    const starts = scheme === "iob2" ? after.prefix === "B" : startsBetween(before, after);
    if (starts) open = { start: position, type: after.type };
  }
  return spans;
}
