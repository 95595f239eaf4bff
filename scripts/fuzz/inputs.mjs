import { randomOf } from "./random.mjs";
import { mutate, mutateBytes } from "./mutate.mjs";

/** The input of a number: a seed of which one file, seldom two, is changed. The same number gives the same input. */
export function changedInput(name, { changed, bytesOnly = false }, seeds, seed, index) {
  const random = randomOf(seed, name, index);
  const files = { ...random.one(seeds) };
  const paths = Object.keys(files).filter(changed);
  const done = new Set();
  for (let count = random.below(8) === 0 ? 2 : 1; count > 0; count--) {
    const path = random.one(paths);
    const other = random.one(seeds)[path] ?? files[path];
    // What was changed before is no longer to be taken apart here: its sizes are false.
    const whole = bytesOnly || done.has(path);
    done.add(path);
    files[path] = whole ? mutateBytes(files[path], random, other) : mutate(path, files[path], random, other);
  }
  return files;
}
