import type { ReportSection } from "../../evaluation/index.ts";
import { VesaliusError } from "../../common/errors.ts";
import type { Reconstruction } from "./reconstructions.ts";

/** Pixels on a side that a small image is enlarged to at least, without smoothing. */
const smallestSide = 112;

async function loadSharp() {
  try {
    return (await import("sharp")).default;
  } catch (cause) {
    throw new VesaliusError("missing-dependency", "the pictures of a report need the package sharp", {
      where: "sharp",
      fix: "npm install sharp, or set evaluation.reconstructions to 0",
      cause,
    });
  }
}

/**
 * Pictures of masked images and what the model makes of them, three in a row: input, masked, reconstruction.
 *
 * @throws VesaliusError `missing-dependency` where sharp is not installed
 */
export async function reconstructionSection(
  reconstructions: readonly Reconstruction[],
  splitName: string,
): Promise<ReportSection[]> {
  if (reconstructions.length === 0) return [];
  const sharp = await loadSharp();
  const encode = async (pixels: Uint8Array, { channels, height, width }: Reconstruction): Promise<string> => {
    const scale = Math.max(1, Math.ceil(smallestSide / Math.min(height, width)));
    const png = await sharp(pixels, { raw: { width, height, channels: channels === 3 ? 3 : 1 } })
      .resize(width * scale, height * scale, { kernel: "nearest" })
      .png()
      .toBuffer();
    return `data:image/png;base64,${png.toString("base64")}`;
  };
  const rows = await Promise.all(
    reconstructions.map(async (one, i) => {
      const name = `image ${i + 1}`;
      // The first row of the grid holds two images, and its captions stand for all rows.
      const first = i < 2;
      return [
        {
          dataUri: await encode(one.original, one),
          description: `Original of ${name}`,
          ...(first ? { caption: "Input" } : {}),
        },
        {
          dataUri: await encode(one.masked, one),
          description: `${name} with most patches hidden`,
          ...(first ? { caption: "Masked" } : {}),
        },
        {
          dataUri: await encode(one.reconstructed, one),
          description: `${name} as the model fills it in`,
          ...(first ? { caption: "Reconstruction" } : {}),
        },
      ];
    }),
  );
  return [
    {
      kind: "images",
      title: `Images of the ${splitName} split, masked and reconstructed`,
      columns: 6,
      images: rows.flat(),
      note: "Hidden patches are grey in the middle picture. Where patches are normalised, the reconstruction borrows brightness and contrast of each true patch.",
    },
  ];
}
