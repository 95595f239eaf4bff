/** What training loops put in front of every name of a state dictionary. */
const loops = /^(?:(?:module|_orig_mod)\.)+/;

/** What one class puts in front of the names of another that it holds: `BertForMaskedLM` in front of a `BertModel`. */
const wrappers = ["model.", "net.", "network.", "backbone.", "bert.", "transformer."];

/** Buffers of checkpoints that no number is computed with: positions 0, 1, 2, ..., and PyTorch's counter of batches. */
export const isIdleBuffer = (name: string): boolean => /(^|\.)(position_ids|num_batches_tracked)$/.test(name);

/**
 * Names under which a weight of a checkpoint may be known, the most literal first: its own, without what training loops add
 * (`module.`), with today's names of a normalization's scale and bias (`gamma` and `beta` in TensorFlow's time) and PyTorch's of an attention's first layer
 * (`Wqkv` in FlashAttention), and with or without the prefix of a class around the model.
 */
export function possibleNames(name: string): readonly string[] {
  const plain = name.replace(loops, "");
  const modern = plain
    .replace(/\.gamma$/, ".weight")
    .replace(/\.beta$/, ".bias")
    .replace(/\.Wqkv\./, ".in_proj_");
  // Today's name comes last: `gamma` is what LayerScale calls its factors to this day.
  const names = new Set([name, plain, modern]);
  for (const own of [plain, modern])
    for (const wrapper of wrappers) {
      if (own.startsWith(wrapper)) names.add(own.slice(wrapper.length));
      names.add(`${wrapper}${own}`);
    }
  return [...names];
}

/**
 * Finds for each name of a checkpoint the name that a model has for it. A name that means a parameter literally comes
 * first; one that could stand for a parameter that another means too is left alone.
 *
 * @param known whether the model has a parameter of that name
 * @returns the model's name by the checkpoint's; names without one are left out
 */
export function matchNames(names: Iterable<string>, known: (name: string) => boolean): Map<string, string> {
  const all = [...names];
  const found = new Map(all.filter(known).map((name) => [name, name]));
  const taken = new Set(found.values());
  const claims = new Map<string, string[]>();
  for (const name of all) {
    if (found.has(name)) continue;
    const own = possibleNames(name).find((candidate) => known(candidate) && !taken.has(candidate));
    if (own !== undefined) claims.set(own, [...(claims.get(own) ?? []), name]);
  }
  for (const [own, [name, ...others]] of claims) if (others.length === 0) found.set(name!, own);
  return found;
}
