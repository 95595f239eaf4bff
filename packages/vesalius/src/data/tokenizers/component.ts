import { z } from "zod";
import { VesaliusError } from "../../common/errors.ts";
import { validate } from "../../common/check.ts";

/** A part of a tokenizer as `tokenizer.json` writes it: its type and settings. */
export interface ComponentJson {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** One type of part: how its settings are checked and what they make. */
export interface Component<Made, Context = undefined> {
  readonly type: string;
  create(json: unknown, where: string, context: Context): Made;
}

/** Checks settings before a part is made of them; a key that is not in the schema is refused by name. */
export function component<Settings extends z.ZodObject, Made, Context = undefined>(it: {
  readonly type: string;
  readonly settings: Settings;
  readonly create: (settings: z.output<Settings>, where: string, context: Context) => Made;
}): Component<Made, Context> {
  const schema = it.settings.extend({ type: z.literal(it.type) }).strict();
  return {
    type: it.type,
    create: (json, where, context) => {
      const settings = validate(schema, json, { code: "bad-file", what: it.type, where });
      return it.create(settings as z.output<Settings>, where, context);
    },
  };
}

const typed = z.looseObject({ type: z.string() });

/**
 * What makes any of a list of parts from its JSON.
 *
 * @param what the list's name in messages: "pre-tokenizer"
 * @throws VesaliusError `bad-file` for a type that is not in the list, and for settings that its schema refuses.
 */
export function componentFamily<Made, Context = undefined>(
  what: string,
  list: readonly Component<Made, Context>[],
): (json: unknown, where: string, context: Context) => Made {
  const byType = new Map(list.map((each) => [each.type, each]));
  return (json, where, context) => {
    const { type } = validate(typed, json, { code: "bad-file", what, where });
    const found = byType.get(type);
    if (found === undefined)
      throw new VesaliusError("bad-file", `${what} "${type}" is not implemented`, {
        where,
        fix: `implemented are ${[...byType.keys()].join(", ")}`,
      });
    return found.create(json, where, context);
  };
}
