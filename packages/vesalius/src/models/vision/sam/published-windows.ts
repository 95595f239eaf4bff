/** Windows and the blocks without them as settings: a published window of 0 patches is the whole image, in every block. */
export const samWindows = (window: number, globalBlocks: readonly number[], depth: number) =>
  window === 0
    ? { globalBlocks: Array.from({ length: depth }, (_, i) => i) }
    : { windowSize: window, globalBlocks: [...globalBlocks] };
