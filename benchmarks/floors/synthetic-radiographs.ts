/**
 * What simple models reach on the synthetic radiographs, which a network has to beat; the figures stand in the card.
 *
 *     npx tsc -b benchmarks && node benchmarks/dist/floors/synthetic-radiographs.js
 *
 * Exits with 1 where a figure of the card is no longer what the cohort gives. Takes a few seconds on one core.
 */
import { type Split, syntheticRadiographs } from "vesalius/data";
import { rocAuc } from "vesalius/evaluation";
import { labelsOf, meanIntensityAuc, ridgeFloor } from "./ridge.ts";

const { splits, card } = syntheticRadiographs();
const [train, validation, test] = ["train", "validation", "test"].map((name) => splits[name]!) as [Split, Split, Split];
const ridge = ridgeFloor({ train, validation, test, rocAuc }, [10, 100, 300, 1000, 3000, 10_000]);
const site = Float64Array.from(test.attributes["site"] ?? [], (value) => (value === "B" ? 1 : 0));

/** Estimates by the name of the model in the card. */
const computed: Record<string, number> = {
  "ridge regression on standardised pixels": ridge.testAuc,
  "mean grey level": meanIntensityAuc(test, rocAuc),
  "acquisition site": rocAuc(labelsOf(test), site),
};
console.log(`penalty ${ridge.penalty}, validation AUC ${ridge.validationAuc.toFixed(3)}`);
for (const [model, auc] of Object.entries(computed)) {
  const stated = card.baselines.find((baseline) => baseline.model === model)?.value;
  const agrees = stated === Number(auc.toFixed(3));
  console.log(`${model}: test AUC ${auc.toFixed(3)}${agrees ? "" : `, but the card says ${stated ?? "nothing"}`}`);
  if (!agrees) process.exitCode = 1;
}
