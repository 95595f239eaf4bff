/**
 * Patient coordinates: u grows to the image's right, v downwards, the midline is u = 0, and an upright patient fills
 * [-1, 1] in both. Everything here uses only +, -, *, / and square roots, which IEEE 754 fixes to the last bit, so a
 * seed gives the same pixels on every platform.
 */
export interface Pose {
  /** Tangent of half the rotation angle, which gives sine and cosine without trigonometry. */
  readonly tangentOfHalfAngle: number;
  readonly shiftU: number;
  readonly shiftV: number;
  readonly zoom: number;
}

/** One image being painted, row by row. */
export interface Canvas {
  readonly size: number;
  /** Width of a pixel in patient units; edges are softened by it, which is the antialiasing. */
  readonly pixel: number;
  /** Patient coordinates of each pixel's centre, `[size * size]`. */
  readonly u: Float64Array;
  readonly v: Float64Array;
  /** Attenuation summed along the ray, about 0 (air) to 1 (bone over soft tissue), `[size * size]`. */
  readonly density: Float64Array;
  /** Share of aerated lung in each pixel, 0 to 1, `[size * size]`. */
  readonly lungField: Float64Array;
  readonly pose: Pose;
}

function rotation(pose: Pose): { cosine: number; sine: number } {
  const t = pose.tangentOfHalfAngle;
  return { cosine: (1 - t * t) / (1 + t * t), sine: (2 * t) / (1 + t * t) };
}

/** Opens an empty canvas of `size` x `size` pixels with the patient in a pose. */
export function createCanvas(size: number, pose: Pose): Canvas {
  const { cosine, sine } = rotation(pose);
  const u = new Float64Array(size * size);
  const v = new Float64Array(size * size);
  for (let row = 0, i = 0; row < size; row++) {
    const y = (2 * (row + 0.5)) / size - 1 - pose.shiftV;
    for (let column = 0; column < size; column++, i++) {
      const x = (2 * (column + 0.5)) / size - 1 - pose.shiftU;
      u[i] = (cosine * x + sine * y) / pose.zoom;
      v[i] = (cosine * y - sine * x) / pose.zoom;
    }
  }
  const density = new Float64Array(size * size);
  const lungField = new Float64Array(size * size);
  return { size, pixel: 2 / size / pose.zoom, u, v, density, lungField, pose };
}

/** Rises smoothly from 0 at `distance = -width` to 1 at `distance = width`. */
export function edge(distance: number, width: number): number {
  if (distance >= width) return 1;
  if (distance <= -width) return 0;
  const t = (distance / width + 1) / 2;
  return t * t * (3 - 2 * t);
}

/** Bell without tails: 1 at 0, 0 from 1 on; the argument is the squared distance over the squared radius. */
export function bump(squared: number): number {
  if (squared >= 1) return 0;
  const rest = 1 - squared;
  return rest * rest * rest;
}

/** Calls `visit` with each pixel whose centre lies within `radius` (patient units) of a point, and some around it. */
export function nearby(canvas: Canvas, u: number, v: number, radius: number, visit: (pixel: number) => void): void {
  const { size, pose } = canvas;
  const { cosine, sine } = rotation(pose);
  const column = ((cosine * u - sine * v) * pose.zoom + pose.shiftU + 1) * (size / 2);
  const row = ((sine * u + cosine * v) * pose.zoom + pose.shiftV + 1) * (size / 2);
  const reach = (radius * pose.zoom * size) / 2;
  const lastRow = Math.min(size - 1, Math.ceil(row + reach));
  const lastColumn = Math.min(size - 1, Math.ceil(column + reach));
  for (let y = Math.max(0, Math.floor(row - reach)); y <= lastRow; y++) {
    for (let x = Math.max(0, Math.floor(column - reach)); x <= lastColumn; x++) visit(y * size + x);
  }
}

/** A round shadow: adds `amount` at the centre, falling to nothing at `radius`. */
export function paintDot(canvas: Canvas, u: number, v: number, radius: number, amount: number): void {
  // A shadow smaller than a pixel spreads over the pixel and keeps its total.
  const squared = radius * radius + canvas.pixel * canvas.pixel;
  const peak = (amount * radius * radius) / squared;
  nearby(canvas, u, v, Math.sqrt(squared), (i) => {
    const du = canvas.u[i]! - u;
    const dv = canvas.v[i]! - v;
    canvas.density[i]! += peak * bump((du * du + dv * dv) / squared);
  });
}

/** A straight shadow between two points whose amount changes from `start.amount` to `end.amount`. */
export interface Stroke {
  readonly start: { readonly u: number; readonly v: number; readonly amount: number };
  readonly end: { readonly u: number; readonly v: number; readonly amount: number };
  readonly radius: number;
}

/** Adds a stroke; see `paintDot` for strokes thinner than a pixel. */
export function paintStroke(canvas: Canvas, stroke: Stroke): void {
  const { start, end, radius } = stroke;
  const alongU = end.u - start.u;
  const alongV = end.v - start.v;
  const length = Math.sqrt(alongU * alongU + alongV * alongV);
  const squared = radius * radius + canvas.pixel * canvas.pixel;
  const share = radius / Math.sqrt(squared);
  nearby(canvas, start.u + alongU / 2, start.v + alongV / 2, length / 2 + Math.sqrt(squared), (i) => {
    const du = canvas.u[i]! - start.u;
    const dv = canvas.v[i]! - start.v;
    const at = Math.min(1, Math.max(0, (du * alongU + dv * alongV) / (length * length)));
    const offU = du - at * alongU;
    const offV = dv - at * alongV;
    const amount = start.amount + (end.amount - start.amount) * at;
    canvas.density[i]! += amount * share * bump((offU * offU + offV * offV) / squared);
  });
}
