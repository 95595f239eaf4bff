import { z } from "zod";
import { captionedFigure } from "../captions.ts";
import { html } from "../html.ts";
import { failSection, list, sectionKind, sectionSchema } from "../section-kind.ts";

const imageUri = /^data:image\/(?:png|jpeg|webp);base64,[A-Za-z0-9+/]+={0,2}$/;

/** Pictures in a grid: masked images and their reconstructions, for example. */
export const images = sectionKind(
  sectionSchema("images", {
    title: z.string(),
    /** Images per row on a wide page. */
    columns: z.int().min(1),
    images: list(
      z.object({
        /** `data:image/png;base64,...` (PNG, JPEG or WebP). */
        dataUri: z.string().regex(imageUri),
        /** What the picture shows, for a reader who cannot see it. */
        description: z.string(),
        caption: z.string().exactOptional(),
      }),
    ),
    note: z.string().exactOptional(),
  }),
  {
    numbered: "Figure",
    check(section) {
      if (!Number.isInteger(section.columns) || section.columns < 1) {
        failSection(section, `${section.columns} is no number of columns`, "use a whole number above 0");
      }
      if (!section.images.every(({ dataUri }) => imageUri.test(dataUri))) {
        failSection(
          section,
          "a picture is no embedded image",
          "pass data:image/png;base64,... so that the report needs no other file",
        );
      }
    },
    html({ title, columns, images, note }, number) {
      const pictures = images.map(({ dataUri, description, caption }) => {
        const words = caption === undefined ? undefined : html`<figcaption>${caption}</figcaption>`;
        return html`<figure><img src="${dataUri}" alt="${description}" />${words}</figure>`;
      });
      return captionedFigure(
        number,
        title,
        html`<div class="pictures" style="--columns: ${columns}">${pictures}</div>`,
        note,
      );
    },
  },
);
