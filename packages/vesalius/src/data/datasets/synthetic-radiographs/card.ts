import type { DatasetCard } from "../../dataset-card.ts";

/** Class names; the position is the class index. */
export const classNames = ["clear", "opacity"] as const;

const floor = {
  metric: "test AUC",
  source: "computed here with the default options: benchmarks/floors/synthetic-radiographs.ts",
  verified: true,
};

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
  baselines: [
    { model: "ridge regression on standardised pixels", value: 0.778, ...floor },
    { model: "mean grey level", value: 0.577, ...floor },
    { model: "acquisition site", value: 0.596, ...floor },
  ],
};
