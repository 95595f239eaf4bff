/** One curve: losses in the order of steps. */
export interface Curve {
  readonly name: string;
  readonly className: string;
  readonly losses: readonly number[];
}

const [width, height, margin] = [600, 240, 36] as const;
/** Points that a curve is drawn with at most; more would only cost time. */
const mostPoints = 300;

const element = (name: string, attributes: Readonly<Record<string, string | number>>, text = ""): SVGElement => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.textContent = text;
  return made;
};

/** Means of equal stretches of a list, so that a long one is drawn with few points. */
function thinned(losses: readonly number[]): number[] {
  const stretch = Math.max(1, Math.ceil(losses.length / mostPoints));
  return Array.from({ length: Math.ceil(losses.length / stretch) }, (_, i) => {
    const part = losses.slice(i * stretch, (i + 1) * stretch);
    return part.reduce((total, loss) => total + loss, 0) / part.length;
  });
}

/** Draws curves of loss over the share of the steps that are done; each on the same axis from 0. */
export function drawLosses(svg: SVGElement, curves: readonly (Curve & { readonly totalSteps: number })[]): void {
  const highest = Math.max(0.1, ...curves.flatMap(({ losses }) => losses));
  const y = (loss: number): number => height - margin - (loss / highest) * (height - 2 * margin);
  const x = (share: number): number => margin + share * (width - 2 * margin);
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const ticks = [0, highest / 2, highest].flatMap((loss) => [
    element("line", { class: "grid", x1: x(0), x2: x(1), y1: y(loss), y2: y(loss) }),
    element("text", { class: "tick", x: x(0) - 6, y: y(loss) + 4, "text-anchor": "end" }, loss.toFixed(2)),
  ]);
  const lines = curves.flatMap(({ className, losses, totalSteps }) => {
    const points = thinned(losses);
    const done = losses.length / totalSteps;
    const places = points.map((loss, i) => `${x(((i + 1) / points.length) * done).toFixed(1)},${y(loss).toFixed(1)}`);
    return points.length === 0 ? [] : [element("polyline", { class: className, points: places.join(" ") })];
  });
  const caption = element("text", { class: "tick", x: x(0.5), y: height - 8, "text-anchor": "middle" }, "steps");
  svg.replaceChildren(...ticks, ...lines, caption);
}
