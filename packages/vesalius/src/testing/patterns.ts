/** Generated data to see learning with. */
import { randomStream } from "../common/random.ts";
import { classesColumn, imagesColumn, type Split } from "../data/index.ts";

/** Names of the classes of images. */
export const patternClasses = ["a", "b", "c", "d"] as const;

/** Extent of the images in pixels. */
export const patternSide = 16;

/** A fixed picture of each class: a few plane waves. */
const pictures = patternClasses.map((name) => {
  const random = randomStream(99, "picture", name);
  const waves = Array.from({ length: 6 }, () => ({
    x: 3 * (random.uniform() - 0.5),
    y: 3 * (random.uniform() - 0.5),
    phase: 2 * Math.PI * random.uniform(),
    height: random.normal(),
  }));
  return (x: number, y: number): number =>
    waves.reduce((sum, wave) => sum + wave.height * Math.sin(wave.x * x + wave.y * y + wave.phase), 0);
});

/**
 * Images of 16 x 16 grey pixels (`image`) with as many of each class (`label`): the picture of the class or its negative,
 * under noise. No pixel says anything of the class by itself, so nothing linear on pixels beats a quarter; whoever can
 * complete the picture from a part of it knows the class.
 *
 * @param stream names split and random numbers: another name gives other images
 */
export function patterns(stream: string, count: number): Split {
  const random = randomStream(3, "patterns", stream);
  const labels = Array.from({ length: count }, (_, i) => i % patternClasses.length);
  const pixels = new Uint8Array(count * patternSide ** 2);
  labels.forEach((label, i) => {
    const contrast = random.uniform() < 0.5 ? -0.06 : 0.06;
    for (let y = 0; y < patternSide; y++)
      for (let x = 0; x < patternSide; x++) {
        const value = 0.5 + contrast * pictures[label]!(x, y) + 0.1 * random.normal();
        pixels[(i * patternSide + y) * patternSide + x] = Math.round(255 * Math.min(1, Math.max(0, value)));
      }
  });
  return {
    name: stream,
    length: count,
    ids: labels.map((_, i) => `${stream}/${i}`),
    groups: undefined,
    attributes: {},
    columns: {
      image: imagesColumn(pixels, { channels: 1, height: patternSide, width: patternSide }),
      label: classesColumn(patternClasses, labels),
    },
  };
}
