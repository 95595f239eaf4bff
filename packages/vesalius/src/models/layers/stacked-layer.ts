/**
 * The layer of a parameter in a stack of equal blocks: 0 for embeddings, 1 to `depth` for blocks, `depth` + 1 for the rest.
 *
 * @param block finds the number of a block as its first group
 * @param embeddings finds what stands in front of the first block
 * @param first number of the first block; 0 by default
 */
export const stackedLayer =
  (depth: number, block: RegExp, embeddings: RegExp, first = 0) =>
  (parameter: string): number => {
    const found = block.exec(parameter);
    if (found !== null) return Number(found[1]) + 1 - first;
    return embeddings.test(parameter) ? 0 : depth + 1;
  };
