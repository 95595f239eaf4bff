/**
 * Puts things into packs of a size (best-fit decreasing): the largest first, each where it leaves least room. Packs and what is
 * in them stand in the order of the rows.
 *
 * @param rows what is put
 * @param sizes of every row; those of `rows` are at most `length`
 */
export function bestFit(rows: readonly number[], sizes: readonly number[], length: number): number[][] {
  const packs: number[][] = [];
  const byRoom = Array.from({ length: length + 1 }, (): number[][] => []);
  for (const row of rows.toSorted((a, b) => sizes[b]! - sizes[a]! || a - b)) {
    const size = sizes[row]!;
    let room = size;
    while (room <= length && byRoom[room]!.length === 0) room++;
    const pack = (room <= length ? byRoom[room]!.pop() : undefined) ?? [];
    if (pack.length === 0) packs.push(pack);
    pack.push(row);
    const left = (pack.length === 1 ? length : room) - size;
    if (left > 0) byRoom[left]!.push(pack);
  }
  return packs.map((pack) => pack.toSorted((a, b) => a - b)).toSorted((a, b) => a[0]! - b[0]!);
}
