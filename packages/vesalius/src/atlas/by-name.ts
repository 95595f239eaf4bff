import { VesaliusError } from "../common/errors.ts";
import { nearest } from "../common/edit-distance.ts";

interface Named {
  readonly id: string;
  readonly name: string;
}

/**
 * One of a list by its identifier or its name, without case.
 *
 * @param what what is listed, in the singular
 * @throws VesaliusError `bad-argument` for a name that stands for none, with the one that is most like it
 */
export function byName<One extends Named>(what: string, list: readonly One[], name: string): One {
  const wanted = name.toLowerCase();
  const found = list.find((one) => one.id === wanted) ?? list.find((one) => one.name.toLowerCase() === wanted);
  if (found !== undefined) return found;
  const like = nearest(
    name,
    list.flatMap((one) => [one.id, one.name]),
  );
  throw new VesaliusError("bad-argument", `the survey has no ${what} of this name that is described here`, {
    where: name,
    fix: like === undefined ? `list those that there are` : `"${like}" is one`,
  });
}
