/** A run to be killed: `node child.mjs OUT STAGES`. It says on stdout when the folder is about to be taken. */
import { runRecipe } from "../../packages/vesalius/dist/recipes/index.node.js";

const [out, stages] = process.argv.slice(2);

/** Pretraining, an adaptation with an adapter of its own, evaluation and report in as few steps as there are checkpoints. */
const recipe = {
  name: "killed",
  seed: 1,
  data: { task: { generator: "synthetic-radiographs", imageSize: 16, count: { train: 24, validation: 24 } } },
  backbone: { name: "vit", preset: "nano", imageSize: 16, patchSize: 8, width: 8, depth: 1, heads: 1 },
  pretraining: {
    objective: { name: "maskedImageModelling", decoder: { width: 8, depth: 1, heads: 1 } },
    epochs: 1,
    batchSize: 8,
  },
  task: { name: "classification" },
  adaptation: { epochs: 1, batchSize: 8, methods: [{ name: "lora", rank: 2 }] },
  evaluation: { resamples: 5 },
};

await runRecipe(recipe, {
  out,
  ...(stages === "none" ? {} : { stages }),
  threads: 1,
  workers: 0,
  onEvent: (event) => {
    if (event.type === "stageStarted") process.stdout.write(`${event.stage}\n`);
  },
});
