import type { DatasetCard } from "../../dataset-card.ts";

/** Class names; the position is the class index. */
export const classNames = ["clear", "opacity"] as const;

/** The description that travels with every synthetic cohort and with whatever is trained on it. */
export const syntheticCard: DatasetCard = {
  name: "synthetic-radiographs",
  title: "Synthetic radiographs (computer-generated, no patient)",
  modality: "synthetic chest radiograph, greyscale",
  tasks: ["classification"],
  licence: "CC0 1.0",
  restricted: false,
  citation: "",
  groupingKey: "patient (synthetic)",
  cautions: [
    "Synthetic: every image is drawn by a program; patients, sites, ages and sexes are invented.",
    "Results on this set say that a method runs and learns, not that it works on people.",
    "The two sites differ in noise, contrast, blur, vignetting, devices and prevalence on purpose: a model can use the site as a shortcut.",
  ],
  labels: Object.fromEntries(classNames.map((name, index) => [String(index), name])),
  baselines: [],
};
