/** Values that become black and white; what lies between is spread evenly over 8 bits, what lies outside is cut. */
export type Window = readonly [black: number, white: number];

/** Values of more than 8 bits as 8 bits, through a window: `round(255 (value - black) / (white - black))`, cut to 0-255. */
export function throughWindow(values: ArrayLike<number>, [black, white]: Window): Uint8Array {
  const scale = 255 / (white - black);
  // The clamped array rounds to the nearest value and cuts what lies outside.
  const clamped = new Uint8ClampedArray(values.length);
  for (let i = 0; i < values.length; i++) clamped[i] = (values[i]! - black) * scale;
  return new Uint8Array(clamped.buffer);
}
