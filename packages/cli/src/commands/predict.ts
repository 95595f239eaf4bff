import { Command, Option } from "commander";
import { loadClassifier, readImages } from "vesalius";
import { describePredictions, predictionsCsv } from "vesalius/applications/vision";
import { researchUseNotice } from "vesalius/evaluation";
import { engine } from "../backend.ts";
import { jsonOption, threadsOption, withExamples } from "../options.ts";
import { createOutput } from "../output.ts";
import { formatTable } from "../table.ts";

interface Flags {
  readonly csv?: true;
  readonly json?: true;
  readonly threads?: number;
}

export function predictCommand(): Command {
  const command = new Command("predict")
    .summary("class probabilities of images")
    .description("Prints the class probabilities that a model gives an image, or each PNG and JPEG file of a folder.")
    .argument("<model>", "folder of a saved model, in a run one of models/")
    .argument("<images>", "an image file, or a folder with image files")
    .addOption(new Option("--csv", "print comma-separated values").conflicts("json"))
    .addOption(threadsOption())
    .addOption(jsonOption())
    .action(async (folder: string, path: string, { csv, json, threads }: Flags) => {
      const output = createOutput(json === true);
      const model = await loadClassifier(folder);
      const { imageSize, channels } = model.backbone.config;
      const images = await readImages(path, { height: imageSize, width: imageSize, channels: channels === 3 ? 3 : 1 });
      const probabilities = await model.predict(images, { backend: await engine(threads) });
      const predictions = describePredictions(images, model.labels, probabilities);
      output.note(researchUseNotice);
      const rows = predictions.map((one) => [
        one.image,
        one.predictedClass,
        ...Object.values(one.probabilities).map((value) => value.toFixed(3)),
      ]);
      const text =
        csv === true
          ? predictionsCsv(predictions, model.labels)
          : formatTable(["image", "class", ...model.labels], rows);
      output.result({ notice: researchUseNotice, classes: model.labels, predictions }, text);
    });
  return withExamples(
    command,
    "vesalius predict runs/pneumonia/models/lora-seed1 film.png",
    "vesalius predict runs/pneumonia/models/lora-seed1 ./films --csv > predictions.csv",
  );
}
