/**
 * Stands for an extent that only a run determines, as the number of hits of NonZero. Graphs are static; such extents
 * come in with imported files alone. Nothing is inferred from them and nothing is differentiated through them.
 */
export const runtimeExtent = -1;

/** Shape of a value of which not even the number of axes is known before a run, or which is no tensor. */
export const unknownShape: readonly number[] = [runtimeExtent];

/** Whether all extents of a shape are known before a run. */
export const hasStaticShape = ({ shape }: { readonly shape: readonly number[] }): boolean =>
  shape.every((extent) => extent >= 0);
