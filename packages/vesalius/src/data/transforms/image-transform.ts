import type { z } from "zod";
import { type Entry, entry } from "../../common/catalogue.ts";
import { VesaliusError } from "../../common/errors.ts";
import type { Raster } from "../columns/images.ts";
import { pixelsPerImage } from "../images/image-shape.ts";
import type { ExampleTransform, Moved } from "./moved.ts";
import type { Transform } from "./transform.ts";

/** An image on the scale where white is 1. */
const unit = ({ data, scale }: Raster): Float32Array =>
  data instanceof Float32Array ? data : Float32Array.from(data, (value) => value / scale);

/**
 * A transform of single images as an entry of the catalogue. Each image that moves together would draw anew, so it is
 * refused for several at once.
 */
export function imageTransform<Settings extends z.ZodObject>(
  summary: string,
  schema: Settings,
  transform: Transform<z.output<Settings>>,
): Entry<string, z.ZodObject, ExampleTransform> {
  const name = (schema.shape["name"] as z.ZodLiteral<string>).value;
  return entry({
    name,
    summary,
    settings: schema.omit({ name: true } as never),
    create: (settings) => ({
      kinds: ["images"],
      draw(values, random) {
        if (values.length > 1)
          throw new VesaliusError("bad-configuration", `${name} changes one image at a time`, {
            where: `together, on ${values.map(({ part }) => part).join(" and ")}`,
            fix: "list it under transforms of one part, or use flip or affine, which move images and masks alike",
          });
        return (moved: Moved): Raster => {
          const raster = moved.value as Raster;
          const [height, width] = raster.extents as [number, number];
          const shape = { channels: raster.channels, height, width };
          const spec = { ...settings, name } as z.output<Settings>;
          const output = transform.outputShape?.(spec, shape) ?? shape;
          const data = new Float32Array(pixelsPerImage(output));
          transform.apply(unit(raster), shape, data, spec, random);
          return { channels: output.channels, extents: [output.height, output.width], data, scale: 1 };
        };
      },
    }),
  });
}
