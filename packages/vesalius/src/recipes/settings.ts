import { parse } from "yaml";
import { VesaliusError } from "../common/errors.ts";

/** One setting that stands in place of the recipe's. */
export interface Setting {
  /** Keys and positions from the top. */
  readonly path: readonly (string | number)[];
  readonly value: unknown;
  /** How it was given, for messages: `--set adaptation.epochs=3`. */
  readonly text: string;
}

/** Parts of a path such as `adaptation.methods[0].rank`. */
function pathOf(text: string): (string | number)[] | undefined {
  const parts: (string | number)[] = [];
  for (const part of text.split(".")) {
    const match = /^([^[\]]+)((?:\[\d+\])*)$/.exec(part);
    if (match === null) return undefined;
    parts.push(match[1]!, ...[...match[2]!.matchAll(/\d+/g)].map(([digits]) => Number(digits)));
  }
  return parts;
}

/**
 * Reads `key=value`; the value is YAML, so that numbers, lists and objects can be written.
 *
 * @param flag what stands in front in messages
 * @throws VesaliusError `bad-argument` where it is none
 *
 * @example
 * parseSetting("adaptation.methods[0].rank=4", "--set"); // { path: ["adaptation", "methods", 0, "rank"], value: 4, ... }
 */
export function parseSetting(text: string, flag = "setting"): Setting {
  const equals = text.indexOf("=");
  const path = equals < 0 ? undefined : pathOf(text.slice(0, equals).trim());
  const wrong = (cause?: unknown): VesaliusError =>
    new VesaliusError("bad-argument", `${flag} ${text} is no key=value`, {
      fix: "write the key as in a recipe and the value as YAML, for example adaptation.methods[0].rank=4",
      cause,
    });
  if (path === undefined) throw wrong();
  try {
    return { path, value: parse(text.slice(equals + 1)), text: `${flag} ${text}` };
  } catch (cause) {
    throw wrong(cause);
  }
}

const isList = Array.isArray;
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !isList(value);

/** Two ways to say how long training takes, of which a recipe holds one: who sets the one does not want the other. */
const inPlaceOf: Readonly<Record<string, string>> = { epochs: "steps", steps: "epochs" };

function changed(value: unknown, [step, ...rest]: readonly (string | number)[], setting: Setting): unknown {
  if (step === undefined) return setting.value;
  if (typeof step === "number") {
    const list = value === undefined ? [] : value;
    if (!isList(list) || step > list.length)
      throw new VesaliusError("bad-argument", `${setting.text}: there is no entry ${step} in the recipe's list`, {
        fix: "count entries from 0, or set the whole list",
      });
    return Object.assign([...(list as unknown[])], { [step]: changed(list[step], rest, setting) });
  }
  if (value !== undefined && value !== null && !isObject(value))
    throw new VesaliusError("bad-argument", `${setting.text}: what the key ${step} belongs to is a single value`, {
      fix: "set the whole of it, for example data.task={ dataset: NAME, split: train }",
    });
  const { [rest.length === 0 ? (inPlaceOf[step] ?? "") : ""]: _replaced, ...kept } = value ?? {};
  return { ...kept, [step]: changed(value?.[step], rest, setting) };
}

/**
 * A recipe with settings in place of its own.
 *
 * @throws VesaliusError `bad-argument` for a position that a list does not have
 */
export const withSettings = (recipe: unknown, settings: readonly Setting[]): unknown =>
  settings.reduce((value, setting) => changed(value, setting.path, setting), recipe);
