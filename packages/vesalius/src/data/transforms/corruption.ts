import { z } from "zod";
import { entry } from "../../common/catalogue.ts";
import type { RandomStream } from "../../common/random.ts";
import { eachPlace, placesOf } from "../volumes/grids.ts";
import type { ExampleTransform } from "./moved.ts";
import { gridOf, withGrid } from "./spatial.ts";
import { uniformIn } from "./transform.ts";

/** A box inside a grid, its extents drawn as shares of the grid's. */
function drawBox(extents: readonly number[], low: number, high: number, random: RandomStream) {
  const box = extents.map((extent) => Math.max(1, Math.round(extent * uniformIn(random, low, high))));
  const start = extents.map((extent, axis) => random.integer(extent - box[axis]! + 1));
  return { box, start };
}

/** Places of a box. */
function placesIn(extents: readonly number[], { box, start }: ReturnType<typeof drawBox>): number[] {
  const places: number[] = [];
  eachPlace(box, (index) => {
    let place = 0;
    for (let axis = 0; axis < index.length; axis++) place = place * extents[axis]! + start[axis]! + index[axis]!;
    places.push(place);
  });
  return places;
}

/** Exchanges the values inside small boxes: texture goes, anatomy stays. */
function shuffleLocally(data: Float32Array, extents: readonly number[], boxes: number, random: RandomStream): void {
  for (let i = 0; i < boxes; i++) {
    const places = placesIn(extents, drawBox(extents, 0.02, 0.12, random));
    const values = places.map((place) => data[place]!);
    random.permutation(places.length).forEach((from, to) => (data[places[to]!] = values[from]!));
  }
}

/** Writes one value over boxes, so that what was there has to be told from around them. */
function paintOver(data: Float32Array, extents: readonly number[], boxes: number, random: RandomStream): void {
  for (let i = 0; i < boxes; i++) {
    const value = uniformIn(random, -1, 1);
    for (const place of placesIn(extents, drawBox(extents, 0.15, 0.35, random))) data[place] = value;
  }
}

/**
 * Corrupts normalised volumes for restoration (Models Genesis; Zhou et al. 2019): values are exchanged inside small
 * boxes, larger boxes are painted over, and intensities are bent by a random power.
 */
export const corruption = entry({
  name: "corruption",
  summary: "Shuffles, paints over and bends the intensities of volumes, to be restored.",
  paper: "Zhou et al. 2019",
  settings: z.strictObject({
    /** Small boxes whose values are exchanged. */
    shuffledBoxes: z.int().nonnegative().default(40),
    /** Largest number of boxes that are painted over. */
    paintedBoxes: z.int().nonnegative().default(5),
    /** Largest change of the exponent of intensities. */
    bend: z.number().min(0).max(1).default(0.3),
  }),
  create: ({ shuffledBoxes, paintedBoxes, bend }): ExampleTransform => ({
    kinds: ["volumes"],
    draw(_values, random) {
      return (moved) => {
        const { channels, extents, data } = gridOf(moved);
        const size = placesOf(extents);
        const exponent = Math.exp(uniformIn(random, -bend, bend));
        const changed = data.map((value) => Math.sign(value) * Math.abs(value) ** exponent);
        for (let channel = 0; channel < channels; channel++) {
          const values = changed.subarray(channel * size, (channel + 1) * size);
          shuffleLocally(values, extents, shuffledBoxes, random);
          paintOver(values, extents, paintedBoxes === 0 ? 0 : 1 + random.integer(paintedBoxes), random);
        }
        return withGrid(moved, { channels, extents, data: changed });
      };
    },
  }),
});
