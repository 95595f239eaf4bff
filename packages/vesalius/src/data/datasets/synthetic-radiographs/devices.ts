import type { RandomStream } from "../../../common/random.ts";
import type { Anatomy } from "./anatomy.ts";
import { type Canvas, paintDot, paintStroke } from "./canvas.ts";
import { bell, chance } from "./draw.ts";

/** A wire of even thickness through the points u0, v0, u1, v1, ... */
function paintWire(canvas: Canvas, radius: number, amount: number, points: readonly number[]): void {
  for (let i = 2; i < points.length; i += 2) {
    const start = { u: points[i - 2]!, v: points[i - 1]!, amount };
    paintStroke(canvas, { start, end: { u: points[i]!, v: points[i + 1]!, amount }, radius });
  }
}

/** Pacemaker below the left clavicle with a lead to the right ventricle. */
function paintPacemaker(canvas: Canvas, { heart }: Anatomy, jitter: number): void {
  const [u, v] = [0.55 + jitter, -0.5 + jitter];
  paintWire(canvas, 0.1, 0.5, [u - 0.05, v, u + 0.07, v + 0.02]);
  const tip = [heart.u + 0.08, heart.v + 0.16];
  paintWire(canvas, 0.016, 0.36, [u - 0.1, v - 0.05, 0.16, -0.52, -0.06, -0.3, -0.08, 0.1, ...tip]);
}

/** Electrodes of a monitor with their cables, some of them missing. */
function paintElectrodes(canvas: Canvas, stream: RandomStream, jitter: number): void {
  const places = [-0.6, -0.55, 0.62, -0.5, 0.55, 0.45, -0.5, 0.4];
  for (let i = 0; i < places.length; i += 2) {
    if (chance(stream, 0.3)) continue;
    const u = places[i]! + 0.05 * bell(stream);
    const v = places[i + 1]! + 0.05 * bell(stream);
    paintDot(canvas, u, v, 0.055, 0.3);
    paintWire(canvas, 0.014, 0.2, [u, v, 0.5 * u + jitter, 0.3 * v + 0.2, jitter, 1]);
  }
}

/** Paints one device: a pacemaker, electrodes, a central line from the right side of the neck, or sternal wires. */
export function paintDevice(canvas: Canvas, stream: RandomStream, anatomy: Anatomy): void {
  const kind = stream.integer(4);
  const jitter = 0.04 * bell(stream);
  if (kind === 0) paintPacemaker(canvas, anatomy, jitter);
  else if (kind === 1) paintElectrodes(canvas, stream, jitter);
  else if (kind === 2) paintWire(canvas, 0.015, 0.32, [-0.34, -0.98, -0.16 + jitter / 2, -0.6, -0.1, -0.3, -0.1, 0]);
  else for (let n = 0; n < 5; n++) paintDot(canvas, 0.01 * bell(stream), -0.45 + 0.17 * n + jitter, 0.032, 0.4);
}
